import { expect, test } from "vitest";
import { drawn } from "../../testing/lowered.node.ts";
import { runGraph } from "../../testing/reference.node.ts";
import { Graph } from "../graph.ts";
import { elementCount, type Tensor } from "../../common/tensor.ts";
import { weightGradient } from "./convolution-weight-gradient.ts";
import type { Windows } from "./windows.ts";

interface Case {
  readonly batch?: number;
  readonly channels: number;
  readonly outChannels: number;
  readonly extents: readonly number[];
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly padding?: number;
  readonly groups?: number;
}

/** Every index below the extents, the last axis fastest. */
function* indices(extents: readonly number[]): Generator<number[]> {
  for (let flat = 0; flat < elementCount(extents); flat++) {
    const index: number[] = [];
    let rest = flat;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      index.unshift(rest % extents[axis]!);
      rest = Math.floor(rest / extents[axis]!);
    }
    yield index;
  }
}

/** One element of the gradient by its definition: the sum over all that the weight met. */
function definition(x: Tensor, dy: Tensor, at: readonly number[], windows: Windows, groups: number): number {
  const [out, channel, ...position] = at as [number, number, ...number[]];
  const [batch, channels, ...extents] = x.shape as [number, number, ...number[]];
  const [, outChannels, ...counts] = dy.shape as [number, number, ...number[]];
  const group = Math.floor(out / (outChannels / groups));
  const from = group * (channels / groups) + channel;
  const flat = (index: readonly number[], shape: readonly number[]): number =>
    index.reduce((sum, each, axis) => sum * shape[axis]! + each, 0);
  let sum = 0;
  for (let sample = 0; sample < batch; sample++)
    for (const window of indices(counts)) {
      const place = window.map(
        (each, i) => each * windows.strides[i]! + position[i]! * windows.dilations[i]! - windows.before[i]!,
      );
      if (place.some((each, i) => each < 0 || each >= extents[i]!)) continue;
      const seen = (x.data as Float32Array)[flat([sample, from, ...place], x.shape)]!;
      sum += seen * (dy.data as Float32Array)[flat([sample, out, ...window], dy.shape)]!;
    }
  return sum;
}

test.each<[string, Case]>([
  [
    "for each position",
    { channels: 16, outChannels: 3, extents: [9, 10], kernel: [3, 2], strides: [2, 2], padding: 1 },
  ],
  ["with the batch as an axis", { channels: 16, outChannels: 24, extents: [4, 5], kernel: [3, 2], padding: 1 }],
  [
    "of windows side by side in volumes",
    { channels: 3, outChannels: 4, extents: [7, 9, 6], kernel: [3, 2, 2], strides: [3, 2, 2] },
  ],
  ["of windows side by side", { channels: 3, outChannels: 4, extents: [9, 6], kernel: [2, 2], strides: [2, 2] }],
  ["stacked by rows", { channels: 16, outChannels: 5, extents: [18, 7], kernel: [3, 2], padding: 1 }],
  [
    "stacked by rows, dilated, strided along the other axis, in groups",
    {
      channels: 32,
      outChannels: 4,
      extents: [20, 9],
      kernel: [2, 3],
      dilations: [3, 2],
      strides: [1, 2],
      padding: 2,
      groups: 2,
    },
  ],
  [
    "stacked by rows and planes",
    { batch: 1, channels: 16, outChannels: 2, extents: [16, 4, 5], kernel: [3, 3, 2], padding: 1 },
  ],
  [
    "stacked by rows, some beyond the input",
    { channels: 16, outChannels: 2, extents: [18, 2], kernel: [2, 3], dilations: [1, 3], padding: 3 },
  ],
  [
    "stacked by rows whose number is a power of two",
    { batch: 1, channels: 16, outChannels: 1, extents: [64, 256], kernel: [3, 1], padding: 0 },
  ],
  ["unfolded", { channels: 2, outChannels: 3, extents: [7, 8], kernel: [3, 3], padding: 1 }],
  ["as a convolution", { channels: 2, outChannels: 3, extents: [9, 9], kernel: [3, 3], strides: [2, 2], padding: 1 }],
])("the gradient of a weight meets its definition: %s", async (_, given) => {
  const { batch = 2, channels, outChannels, extents, kernel, padding = 0, groups = 1 } = given;
  const { strides = kernel.map(() => 1), dilations = kernel.map(() => 1) } = given;
  const pads = kernel.map(() => padding);
  const windows: Windows = { kernel, strides, dilations, before: pads, after: pads };
  const counts = extents.map((extent, i) =>
    Math.floor((extent + 2 * padding - (kernel[i]! - 1) * dilations[i]! - 1) / strides[i]! + 1),
  );
  const x = drawn([batch, channels, ...extents], "x");
  const dy = drawn([batch, outChannels, ...counts], "dy");
  const graph = new Graph("gradient");
  graph.output(
    "dw",
    weightGradient(graph.input("x", "float32", x.shape), graph.input("dy", "float32", dy.shape), windows, groups),
  );
  const dw = (await runGraph(graph, new Map(Object.entries({ x, dy })))).get("dw")!;
  expect(dw.shape).toEqual([outChannels, channels / groups, ...kernel]);
  let i = 0;
  for (const at of indices(dw.shape))
    expect((dw.data as Float32Array)[i++]! - definition(x, dy, at, windows, groups)).toBeCloseTo(0, 3);
});
