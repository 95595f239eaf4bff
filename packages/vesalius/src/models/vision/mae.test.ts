import { expect, test } from "vitest";
import { Graph, initializeParameters } from "../../graph/index.ts";
import { expectReference, readFixture } from "../../testing/reference.node.ts";
import { sineCosinePositions } from "../layers/patches.ts";
import { maskedAutoencoder } from "./mae.ts";
import { vitConfigSchema } from "./vit.ts";

const config = vitConfigSchema.parse({
  imageSize: 16,
  patchSize: 4,
  channels: 3,
  width: 32,
  depth: 2,
  heads: 4,
  mlpRatio: 2,
  positions: "sineCosine",
});

test("reproduces facebookresearch/mae: latent, prediction, mask, loss and every gradient", async () => {
  const fixture = await readFixture("model/mae");
  const noise = fixture.inputs.get("noise")!.data as Float32Array;
  const order = new Int32Array(32);
  for (let row = 0; row < 2; row++)
    order.set(
      Array.from({ length: 16 }, (_, i) => i).sort((a, b) => noise[row * 16 + a]! - noise[row * 16 + b]!),
      row * 16,
    );
  const graph = new Graph("mae");
  const images = graph.input("images", "float32", [2, 3, 16, 16]);
  const permutation = graph.input("order", "int32", [2, 16]);
  const result = maskedAutoencoder(images, permutation, config, {
    maskRatio: 0.75,
    decoder: { width: 16, depth: 1, heads: 2 },
    normalizePixels: false,
  });
  graph.output("encoder_latent", result.latent);
  graph.output("pred", result.prediction);
  graph.output("mask", result.mask);
  graph.output("target_patches", result.target);
  graph.output("loss", result.loss);
  const feeds = new Map([
    ["images", fixture.inputs.get("images")!],
    ["order", { dtype: "int32" as const, shape: [2, 16], data: order }],
  ]);
  await expectReference(graph, fixture, { feeds, outputs: ["encoder_latent", "pred", "mask", "target_patches"] });
});

test("the computed sine-cosine tables are those of the checkpoint", async () => {
  const fixture = await readFixture("model/mae");
  const graph = new Graph("mae");
  maskedAutoencoder(graph.input("images", "float32", [2, 3, 16, 16]), graph.input("order", "int32", [2, 16]), config, {
    maskRatio: 0.75,
    decoder: { width: 16, depth: 1, heads: 2 },
    normalizePixels: true,
  });
  for (const name of ["pos_embed", "decoder_pos_embed"]) {
    const initializer = graph.parameters.get(name)!.initializer!;
    const table = initializer.kind === "values" ? (initializer.tensor.data as Float32Array) : new Float32Array();
    const expected = fixture.weights.get(name)!.data as Float32Array;
    expect(table.length).toBe(expected.length);
    table.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  }
});

test("every linear layer starts as the authors' do: uniform, by Xavier's rule", () => {
  const graph = new Graph("mae");
  maskedAutoencoder(graph.input("images", "float32", [2, 3, 16, 16]), graph.input("order", "int32", [2, 16]), config, {
    maskRatio: 0.75,
    decoder: { width: 16, depth: 1, heads: 2 },
    normalizePixels: true,
  });
  const linear = [...initializeParameters(graph, 1)].filter(([, { shape }]) => shape.length === 2);
  expect(linear).toHaveLength(14);
  for (const [name, { shape, data }] of linear) {
    const bound = Math.sqrt(6 / (shape[0]! + shape[1]!));
    const values = Array.from(data as Float32Array);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    expect(Math.max(...values.map(Math.abs)), name).toBeLessThanOrEqual(bound);
    expect(deviation / (bound / Math.sqrt(3)), name).toBeGreaterThan(0.9);
  }
});

test("patches of an image that is not square are cut, hidden and predicted on its own grid", () => {
  const graph = new Graph("mae");
  const wide = { ...config, imageSize: [8, 24] as [number, number], patchSize: [4, 8] as [number, number] };
  const images = graph.input("images", "float32", [2, 3, 8, 24]);
  const { prediction, target, mask } = maskedAutoencoder(images, graph.input("order", "int32", [2, 6]), wide, {
    maskRatio: 0.5,
    decoder: { width: 16, depth: 1, heads: 2 },
    normalizePixels: true,
  });
  expect([prediction.shape, target.shape, mask.shape]).toEqual([
    [2, 6, 96],
    [2, 6, 96],
    [2, 6],
  ]);
  for (const [name, width] of [
    ["pos_embed", 32],
    ["decoder_pos_embed", 16],
  ] as const) {
    const initializer = graph.parameters.get(name)!.initializer!;
    const expected = sineCosinePositions(2, 3, width, 1);
    expect(initializer).toMatchObject({ kind: "values", tensor: { shape: [1, 7, width], data: expected } });
  }
});
