import { expect, test } from "vitest";
import {
  add,
  Graph,
  initializeParameters,
  meanSquaredError,
  multiply,
  reduceMean,
  slice,
  type Tensor,
} from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture, runGraph } from "../../testing/reference.node.ts";
import { dinov2, dinov2ConfigSchema } from "./dinov2.ts";

const config = dinov2ConfigSchema.parse({
  imageSize: 28,
  patchSize: 7,
  width: 32,
  depth: 2,
  heads: 4,
  mlpRatio: 2,
  layerScale: 0.5,
});

const ramp = (graph: Graph) =>
  graph.constant({ dtype: "float32", shape: [32], data: Float32Array.from({ length: 32 }, (_, i) => i / 32) });

test("reproduces DINOv2: masked patches, another image size, loss and every gradient", async () => {
  const fixture = await readFixture("model/dinov2_vit");
  const graph = new Graph("dinov2");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const masked = dinov2(values("images"), config, values("masks"));
  const other = dinov2(values("images_other_size"), config);
  graph.output("block_0_output", masked.hidden[0]!);
  graph.output("x_prenorm", masked.hidden[1]!);
  graph.output("x_norm_clstoken", masked.classToken);
  graph.output("x_norm_patchtokens", masked.patchTokens);
  graph.output("other_size_x_norm_clstoken", other.classToken);
  graph.output("other_size_x_norm_patchtokens", other.patchTokens);
  const mean = (x: typeof other.classToken) => reduceMean(x, undefined, { keepDimensions: false });
  const terms = [
    meanSquaredError(masked.classToken, values("target_cls")),
    meanSquaredError(masked.patchTokens, values("target_patches")),
    mean(multiply(multiply(other.classToken, other.classToken), ramp(graph))),
    mean(slice(other.patchTokens, 1, 0, 15, 2)),
  ];
  graph.output(
    "loss",
    terms.reduce((sum, term) => add(sum, term)),
  );
  await expectReference(graph, fixture, {
    feeds,
    outputs: [
      "x_norm_clstoken",
      "x_norm_patchtokens",
      "block_0_output",
      "x_prenorm",
      "other_size_x_norm_clstoken",
      "other_size_x_norm_patchtokens",
    ],
  });
});

test("registers stand between class token and patches and have no position", () => {
  const graph = new Graph("dinov2");
  const outputs = dinov2(graph.input("images", "float32", [1, 3, 28, 28]), { ...config, registers: 3 });
  expect(outputs.registerTokens!.shape).toEqual([1, 3, 32]);
  expect(outputs.patchTokens.shape).toEqual([1, 16, 32]);
  expect(graph.parameters.get("pos_embed")!.shape).toEqual([1, 17, 32]);
});

test("the giant model has SwiGLU perceptrons with a width rounded up to a multiple of 8", () => {
  const graph = new Graph("dinov2");
  dinov2(graph.input("images", "float32", [1, 3, 28, 28]), { ...config, mlpRatio: 4, feedForward: "swiglu" });
  expect(graph.parameters.get("blocks.1.mlp.w12.weight")!.shape).toEqual([2 * 88, 32]);
  expect(graph.parameters.get("blocks.1.mlp.w3.weight")!.shape).toEqual([32, 88]);
});

test("a mask of another size is refused", () => {
  const graph = new Graph("dinov2");
  const images = graph.input("images", "float32", [1, 3, 28, 28]);
  expect(() => dinov2(images, config, graph.input("mask", "float32", [1, 15]))).toThrow(/15 patches/);
});

test("a table for images that are not square, turned on its side, is resampled to the same features", async () => {
  /** Cells of a grid whose rows become columns, each of so many numbers, after some that stay in front. */
  const turned = (data: Float32Array, rows: number, columns: number, width: number, front = 0): Float32Array => {
    const moved = data.slice();
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let i = 0; i < width; i++)
          moved[front + (column * rows + row) * width + i] = data[front + (row * columns + column) * width + i]!;
    return moved;
  };
  const waves = (length: number, step: number) => Float32Array.from({ length }, (_, i) => Math.sin(step * i));
  const features = async (turn: boolean): Promise<Float32Array> => {
    const along = (height: number, width: number): [number, number] => (turn ? [width, height] : [height, width]);
    const settings = { imageSize: along(4, 6), patchSize: 2, width: 8, depth: 1, heads: 2, layerScale: 0.5 };
    const graph = new Graph("dinov2");
    const images = graph.input("images", "float32", [1, 1, ...along(6, 10)]);
    graph.output("token", dinov2(images, dinov2ConfigSchema.parse(settings)).classToken);
    const feeds = initializeParameters(graph, 5);
    const set = (name: string, shape: readonly number[], data: Float32Array): void => {
      feeds.set(name, { dtype: "float32", shape, data } satisfies Tensor);
    };
    const [pixels, table] = [waves(60, 0.7), waves(7 * 8, 1.3)];
    set("images", [1, 1, ...along(6, 10)], turn ? turned(pixels, 6, 10, 1) : pixels);
    set("pos_embed", [1, 7, 8], turn ? turned(table, 2, 3, 8, 8) : table);
    const kernels = Array.from({ length: 8 }, (_, i) => waves(4, 1 + i)).map((one) =>
      turn ? turned(one, 2, 2, 1) : one,
    );
    set("patch_embed.proj.weight", [8, 1, 2, 2], Float32Array.from(kernels.flatMap((one) => [...one])));
    return (await runGraph(graph, feeds)).get("token")!.data as Float32Array;
  };
  const [upright, side] = [await features(false), await features(true)];
  expect(Math.max(...upright.map(Math.abs))).toBeGreaterThan(0.5);
  side.forEach((value, i) => expect(value).toBeCloseTo(upright[i]!, 4));
});
