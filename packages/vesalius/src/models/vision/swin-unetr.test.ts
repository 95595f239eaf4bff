import { describe, expect, test } from "vitest";
import { crossEntropy, Graph, sliceAxes, type Value } from "../../graph/index.ts";
import { expectReference, readFixture, toInt32 } from "../../testing/reference.node.ts";
import { swinUnetr, swinUnetrConfigSchema, swinUnetrEncoder, swinUnetrFromMonai } from "./swin-unetr.ts";

/** Every second element along axes, as the fixture of the volume stores its largest outputs. */
const thinned = (x: Value, axes: readonly number[]): Value =>
  sliceAxes(
    x,
    axes.map((axis) => ({ axis, start: 0, end: x.shape[axis]!, step: 2 })),
  );

describe.each([
  { dimensions: "2d", fineAxes: [], logitAxes: [] },
  { dimensions: "3d", fineAxes: [2, 3], logitAxes: [2, 3, 4] },
])("$dimensions", ({ dimensions, fineAxes, logitAxes }) => {
  test("reproduces MONAI's Swin UNETR: hidden states, logits, loss and every gradient", async () => {
    const fixture = await readFixture(`model/swin_unetr_${dimensions}`);
    const [images, labels] = [fixture.inputs.get("images")!, toInt32(fixture.inputs.get("labels")!)];
    const graph = new Graph("swinUnetr");
    const config = swinUnetrFromMonai(fixture.description.config);
    const { hidden, logits } = swinUnetr(graph.input("images", "float32", images.shape), config);
    graph.output("swin_hidden_0", thinned(hidden[0]!, fineAxes));
    graph.output("swin_hidden_2", hidden[2]!);
    graph.output("swin_hidden_4", hidden[4]!);
    graph.output("logits", thinned(logits, logitAxes));
    graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", labels.shape)));
    await expectReference(graph, fixture, {
      outputTolerance: [1e-3, 1e-4],
      gradientTolerance: [2e-3, 1e-5],
      feeds: new Map([
        ["images", images],
        ["labels", labels],
      ]),
      outputs: ["swin_hidden_0", "swin_hidden_2", "swin_hidden_4", "logits"],
    });
  });
});

test("shifted windows in a volume whose stages are larger than a window", () => {
  const graph = new Graph("swinUnetr");
  const config = swinUnetrConfigSchema.parse({
    featureWidth: 6,
    heads: [1, 2, 2, 2],
    windowSize: 4,
    merging: "second",
  });
  const stages = swinUnetrEncoder(graph.input("images", "float32", [2, 1, 32, 64, 32]), config);
  expect(stages.map(({ shape }) => shape)).toEqual([
    [2, 6, 16, 32, 16],
    [2, 12, 8, 16, 8],
    [2, 24, 4, 8, 4],
    [2, 48, 2, 4, 2],
    [2, 96, 1, 2, 1],
  ]);
});

test("the second version of the architecture is refused", () => {
  expect(() => swinUnetrFromMonai({ in_channels: 1, out_channels: 2, use_v2: true })).toThrow(/no MONAI SwinUNETR/);
});
