import { expect, test } from "vitest";
import { crossEntropy, Graph, reshape } from "../../graph/index.ts";
import { relativePositionIndex, shiftedWindowMask } from "../layers/windows.ts";
import { expectReference, readFixture, toInt32 } from "../../testing/reference.node.ts";
import { swinClassifier, swinConfigSchema, swinFeatures, swinFromMicrosoft } from "./swin.ts";

test("reproduces microsoft/Swin-Transformer: features, logits, loss and every gradient", async () => {
  const fixture = await readFixture("model/swin");
  const config = swinFromMicrosoft(fixture.description.config);
  const graph = new Graph("swin");
  const images = graph.input("images", "float32", [2, 3, 32, 32]);
  const { stages, merged, pooled } = swinFeatures(images, config);
  graph.output("stage_0_block_1_output", reshape(stages[0]!, [2, 256, 12]));
  graph.output("stage_0_downsample_output", reshape(merged[0]!, [2, 64, 24]));
  graph.output("features", pooled);
  const logits = graph.output("logits", swinClassifier(pooled, 5));
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", [2])));
  await expectReference(graph, fixture, {
    feeds: new Map([
      ["images", fixture.inputs.get("images")!],
      ["labels", toInt32(fixture.inputs.get("labels")!)],
    ]),
    outputs: ["stage_0_block_1_output", "stage_0_downsample_output", "features", "logits"],
  });
});

test("positions and masks are the buffers of the checkpoint", async () => {
  const { weights } = await readFixture("model/swin");
  const graph = new Graph("mask");
  const index = toInt32(weights.get("layers.0.blocks.0.attn.relative_position_index")!).data;
  expect(relativePositionIndex([4, 4]).index).toEqual(index);
  for (const [stage, side] of [
    [0, 16],
    [1, 8],
  ] as const) {
    const mask = shiftedWindowMask(graph, [side, side], [4, 4], [2, 2]).tensor!;
    expect(mask.data).toEqual(weights.get(`layers.${stage}.blocks.1.attn_mask`)!.data);
  }
});

test("refuses what it cannot build", () => {
  expect(swinFromMicrosoft({})).toEqual(swinConfigSchema.parse({}));
  expect(swinFromMicrosoft({ qk_scale: 0.5 }).scoreScale).toBe(0.5);
  expect(() => swinFromMicrosoft({ qk_scale: "half" })).toThrow(/no Swin transformer.*qk_scale/s);
  expect(() => swinFromMicrosoft({ window_shift: 2 })).toThrow(/not supported: window_shift/);
  expect(() => swinConfigSchema.parse({ imageSize: 30, patchSize: 2 })).toThrow(/multiple of the patch size/);
});
