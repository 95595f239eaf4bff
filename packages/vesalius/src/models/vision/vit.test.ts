import { expect, test } from "vitest";
import { crossEntropy, Graph, initializeParameters, type Tensor, toOnnx } from "../../graph/index.ts";
import { expectReference, readFixture, runGraph, toInt32 } from "../../testing/reference.node.ts";
import { classificationHead, vitConfigSchema, vitFeatures } from "./vit.ts";
import { vitArchitecture } from "./vit-architecture.ts";

test("reproduces timm's ViT: logits, features, loss and every gradient", async () => {
  const fixture = await readFixture("model/vit_timm");
  const config = vitConfigSchema.parse({
    imageSize: 16,
    patchSize: 4,
    channels: 3,
    width: 32,
    depth: 2,
    heads: 4,
    mlpRatio: 2,
  });
  const graph = new Graph("vit");
  const images = graph.input("images", "float32", [2, 3, 16, 16]);
  const labels = graph.input("labels", "int32", [2]);
  const { tokens, pooled } = vitFeatures(images, config);
  graph.output("features", tokens);
  const logits = graph.output("logits", classificationHead(pooled, 5));
  graph.output("loss", crossEntropy(logits, labels));
  const feeds = new Map([
    ["images", fixture.inputs.get("images")!],
    ["labels", toInt32(fixture.inputs.get("labels")!)],
  ]);
  await expectReference(graph, fixture, { feeds, outputs: ["features", "logits"] });
});

test("an image's logits do not depend on its place in the batch", async () => {
  const config = vitConfigSchema.parse({
    imageSize: 8,
    patchSize: 4,
    channels: 1,
    width: 16,
    depth: 1,
    heads: 2,
    pooling: "mean",
  });
  const graph = new Graph("vit");
  const images = graph.input("images", "float32", [3, 1, 8, 8]);
  graph.output("logits", classificationHead(vitFeatures(images, config).pooled, 2));
  const weights = initializeParameters(graph, 3);
  const pixels = Float32Array.from({ length: 192 }, (_, i) => Math.sin(i));
  const turned = Float32Array.from([...pixels.slice(128), ...pixels.slice(0, 128)]);
  const run = async (data: Float32Array) =>
    (
      await runGraph(graph, new Map([...weights, ["images", { dtype: "float32" as const, shape: [3, 1, 8, 8], data }]]))
    ).get("logits")!.data as Float32Array;
  const [straight, rotated] = [await run(pixels), await run(turned)];
  for (let i = 0; i < 6; i++) expect(rotated[(i + 2) % 6]).toBeCloseTo(straight[i]!, 5);
});

/** The last two axes of a tensor exchanged; the others as they are. */
function turned({ dtype, shape, data }: Tensor): Tensor {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const moved = Float32Array.from(data as Float32Array, (_, i) => {
    const [start, inside] = [i - (i % (rows * columns)), i % (rows * columns)];
    return (data as Float32Array)[start + (inside % rows) * columns + Math.floor(inside / rows)]!;
  });
  return { dtype, shape: [...shape.slice(0, -2), columns, rows], data: moved };
}

/** A table of positions `[1, 1 + rows * columns, width]` for the grid turned on its side. */
function turnedPositions({ dtype, shape, data }: Tensor, rows: number, columns: number): Tensor {
  const width = shape[2]!;
  const moved = (data as Float32Array).slice();
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const from = (1 + row * columns + column) * width;
      moved.set((data as Float32Array).subarray(from, from + width), (1 + column * rows + row) * width);
    }
  return { dtype, shape, data: moved };
}

test("an image that is not square, turned on its side with patches and positions, has the same features", async () => {
  const sizes = { channels: 2, width: 16, depth: 2, heads: 2, layerScale: 0.5 };
  const features = async (imageSize: [number, number], patchSize: [number, number], turn: boolean) => {
    const config = vitConfigSchema.parse({ imageSize, patchSize, ...sizes });
    const graph = new Graph("vit");
    const pixels = graph.input("images", "float32", [2, 2, ...imageSize]);
    graph.output("pooled", vitFeatures(pixels, config).pooled);
    const upright = { dtype: "float32" as const, shape: [2, 2, 8, 18], data: new Float32Array(576) };
    upright.data.forEach((_, i) => (upright.data[i] = Math.sin(i)));
    const weights = initializeParameters(graph, 3);
    const positions = Float32Array.from({ length: 7 * 16 }, (_, i) => Math.cos(3 * i));
    const table: Tensor = { dtype: "float32", shape: [1, 7, 16], data: positions };
    const kernel: Tensor = {
      dtype: "float32",
      shape: [16, 2, 4, 6],
      data: Float32Array.from({ length: 768 }, (_, i) => Math.sin(2 * i) / 7),
    };
    weights.set("pos_embed", turn ? turnedPositions(table, 2, 3) : table);
    weights.set("patch_embed.proj.weight", turn ? turned(kernel) : kernel);
    const feeds = new Map([...weights, ["images", turn ? turned(upright) : upright] as const]);
    return (await runGraph(graph, feeds)).get("pooled")!.data as Float32Array;
  };
  const [upright, side] = [await features([8, 18], [4, 6], false), await features([18, 8], [6, 4], true)];
  expect(Math.max(...upright.map(Math.abs))).toBeGreaterThan(0.5);
  side.forEach((value, i) => expect(value).toBeCloseTo(upright[i]!, 4));
});

test("height and width that agree are the square of the number, graph and all", () => {
  const outputs = [12, [12, 12]].map((imageSize) => {
    const network = vitArchitecture.create(
      vitArchitecture.settings.parse({ imageSize, patchSize: 4, channels: 1, width: 12, depth: 1 }),
    );
    const graph = new Graph("vit");
    const pixels = graph.input("pixels", "float32", [1, 1, 12, 12]);
    const { pooled } = network.features({ image: { pixels } }, { training: false });
    graph.output("pooled", pooled);
    const bytes = toOnnx(graph, { weights: initializeParameters(graph, 1) });
    return {
      bytes,
      reads: network.reads,
      grid: network.grid!("image"),
      written: network.toFile!({})["pretrained_cfg"],
    };
  });
  expect(outputs[1]).toEqual(outputs[0]);
  expect(outputs[0]).toMatchObject({ grid: [3, 3], reads: { image: { height: 12, width: 12 } } });
});

test("a patch has to divide height and width", () => {
  const make = (imageSize: unknown, patchSize: unknown) => () =>
    vitArchitecture.create(vitArchitecture.settings.parse({ imageSize, patchSize }));
  expect(make([16, 24], 8)).not.toThrow();
  expect(make([16, 20], 8)).toThrow("the patch size 8 does not divide the image size 16 x 20");
  expect(make([16, 24], [8, 10])).toThrow("the patch size 8 x 10 does not divide the image size 16 x 24");
});
