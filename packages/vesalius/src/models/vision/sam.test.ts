import { expect, test } from "vitest";
import {
  add,
  binaryCrossEntropy,
  Graph,
  meanSquaredError,
  multiply,
  reduceMean,
  square,
  sum,
} from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { samBlock } from "./sam/image-encoder.ts";
import { chooseMasks } from "./sam/mask-decoder.ts";
import { samConfigSchema, samEmbedding, samFromMeta, samOriginalMasks, samPrediction } from "./sam.ts";

test("reproduces Segment Anything with points, a box and a mask: embeddings, masks, loss, every gradient", async () => {
  const fixture = await readFixture("model/sam");
  const config = samFromMeta(fixture.description.config);
  const graph = new Graph("sam");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const points = { points: values("point_coords"), labels: values("point_labels") };
  const boxes = { boxes: values("boxes") };
  const embedding = graph.output("image_embeddings", samEmbedding(values("images"), config));
  const predictions = {
    all: samPrediction(embedding, { ...points, ...boxes, masks: values("mask_inputs") }, config),
    points: samPrediction(embedding, points, config),
    box: samPrediction(embedding, boxes, config),
  };
  const chosen = (name: keyof typeof predictions) => chooseMasks(predictions[name], true);
  const { all } = predictions;
  graph.output("image_pe", all.imagePositions);
  graph.output("all_dense", all.dense);
  for (const name of ["all", "points", "box"] as const) {
    graph.output(`${name}_sparse`, predictions[name].sparse);
    graph.output(`${name}_low_res_logits`, chosen(name).masks);
    graph.output(`${name}_iou`, chosen(name).quality);
  }
  graph.output("all_four_mask_logits", all.masks);
  graph.output("all_four_iou", all.quality);
  graph.output("all_masks_upscaled", samOriginalMasks(chosen("all").masks, [64, 64], [74, 70], config));
  const target = values("target_masks");
  const meanSquare = (x: typeof target) => reduceMean(square(x), undefined, { keepDimensions: false });
  graph.output(
    "loss",
    sum([
      add(
        binaryCrossEntropy(chosen("all").masks, target),
        meanSquaredError(chosen("all").quality, values("target_iou")),
      ),
      multiply(binaryCrossEntropy(chosen("points").masks, target), 0.5),
      multiply(binaryCrossEntropy(chosen("box").masks, target), 0.25),
      multiply(add(meanSquare(all.masks), meanSquare(all.quality)), 0.1),
    ]),
  );
  const outputs = [...fixture.outputs.keys()].filter((name) => name !== "loss" && name !== "points_dense");
  await expectReference(graph, fixture, { feeds, outputs });
});

test("reproduces the block of the Medical SAM Adapter: output, loss and the gradients of its adapters", async () => {
  const fixture = await readFixture("adaptation/sam_adapter_block");
  const graph = new Graph("block");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { output, adapted } = samBlock(values("x"), "block", {
    heads: 3,
    mlpRatio: 2,
    qkvBias: true,
    windowSize: 3,
    adapters: { ratio: 0.25, scale: 0.5 },
    positionNames: { rows: "rel_h", columns: "rel_w" },
  });
  graph.output("output", output);
  graph.output("space_adapter_output", adapted!);
  graph.output("loss", meanSquaredError(output, values("target")));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["output", "space_adapter_output"],
    parameter: (name) => `block.${name}`,
  });
});

test("has the parameters of ViT-B, and needs a point or a box", () => {
  const graph = new Graph("sam");
  const config = samConfigSchema.parse({});
  const embedding = samEmbedding(graph.input("images", "float32", [1, 3, 1024, 1024]), config);
  expect(embedding.shape).toEqual([1, 256, 64, 64]);
  expect(() => samPrediction(embedding, {}, config)).toThrow(/needs a point/);
  const { masks } = samPrediction(embedding, { boxes: graph.input("boxes", "float32", [5, 4]) }, config);
  expect(masks.shape).toEqual([5, 4, 256, 256]);
  expect(graph.parameters.get("image_encoder.blocks.0.attn.rel_pos_h")!.shape).toEqual([27, 64]);
  expect(graph.parameters.get("image_encoder.blocks.2.attn.rel_pos_h")!.shape).toEqual([127, 64]);
});
