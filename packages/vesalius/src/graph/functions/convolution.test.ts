import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { Graph } from "../graph.ts";
import { elementCount, float32, type Tensor } from "../../common/tensor.ts";
import type { Engine } from "../testing/finite-difference.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import { convolution, convolutionTranspose } from "./convolution.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

function random(shape: readonly number[], label: string): Tensor {
  const stream = randomStream(5, label);
  return float32(
    shape,
    Array.from({ length: elementCount(shape) }, () => 2 * stream.uniform() - 1),
  );
}

const data = (tensor: Tensor): Float32Array => tensor.data as Float32Array;

interface Setting {
  readonly batch: number;
  readonly groups: number;
  /** Channels of one group. */
  readonly inside: number;
  readonly outside: number;
  readonly extents: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** Calls `visit` for each pair of an input and an output element that a kernel element connects (`torch.nn.Conv2d`). */
function connections(
  { batch, groups, inside, outside, extents, kernel, stride, padding, dilation }: Setting,
  counts: readonly [number, number],
  visit: (input: number, output: number, weight: number) => void,
): void {
  const inChannels = groups * inside;
  const outChannels = groups * outside;
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outChannels; o++)
      for (let i = 0; i < inside; i++)
        for (let r = 0; r < counts[0]; r++)
          for (let c = 0; c < counts[1]; c++)
            for (let y = 0; y < kernel[0]; y++)
              for (let x = 0; x < kernel[1]; x++) {
                const row = r * stride - padding + y * dilation;
                const column = c * stride - padding + x * dilation;
                if (row < 0 || column < 0 || row >= extents[0] || column >= extents[1]) continue;
                const channel = Math.floor(o / outside) * inside + i;
                visit(
                  ((n * inChannels + channel) * extents[0] + row) * extents[1] + column,
                  ((n * outChannels + o) * counts[0] + r) * counts[1] + c,
                  ((o * inside + i) * kernel[0] + y) * kernel[1] + x,
                );
              }
}

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const settings: fc.Arbitrary<Setting> = fc.record({
  batch: small(1, 2),
  groups: small(1, 2),
  inside: small(1, 2),
  outside: small(1, 2),
  extents: fc.tuple(small(5, 7), small(5, 7)),
  kernel: fc.tuple(small(1, 3), small(1, 3)),
  stride: small(1, 2),
  padding: small(0, 1),
  dilation: small(1, 2),
});

/** Window positions along each axis, by PyTorch's formula. */
const countsOf = ({ extents, kernel, stride, padding, dilation }: Setting): [number, number] =>
  [0, 1].map((i) => Math.floor((extents[i]! + 2 * padding - dilation * (kernel[i]! - 1) - 1) / stride) + 1) as [
    number,
    number,
  ];

const close = (actual: readonly number[], expected: Float32Array): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
};

test("convolution is the sum over the kernel that PyTorch's Conv2d defines", async () => {
  await fc.assert(
    fc.asyncProperty(settings, async (setting) => {
      const { batch, groups, inside, outside, extents, kernel, stride, padding, dilation } = setting;
      const counts = countsOf(setting);
      const x = random([batch, groups * inside, ...extents], "x");
      const weight = random([groups * outside, inside, ...kernel], "weight");
      const bias = random([groups * outside], "bias");
      const expected = new Float32Array(batch * groups * outside * counts[0] * counts[1]);
      expected.forEach(
        (_, i) => (expected[i] = data(bias)[Math.floor(i / (counts[0] * counts[1])) % (groups * outside)]!),
      );
      connections(setting, counts, (i, o, w) => (expected[o]! += data(x)[i]! * data(weight)[w]!));
      const graph = new Graph();
      const [a, b, c] = [x, weight, bias].map(({ shape }, i) => graph.input(`x${i}`, "float32", shape));
      const y = convolution(a!, b!, c, { stride, padding, dilation, groups });
      graph.output("y", y);
      expect(y.shape).toEqual([batch, groups * outside, ...counts]);
      close(numbersOf(await runGraph(engine, graph, { x0: x, x1: weight, x2: bias }), "y"), expected);
    }),
    { numRuns: 20, seed: 11 },
  );
});

test("transposed convolution connects the same elements the other way round", async () => {
  await fc.assert(
    fc.asyncProperty(settings, async (setting) => {
      const { batch, groups, inside, outside, extents, kernel, stride, padding, dilation } = setting;
      const counts = countsOf(setting);
      // Its input is the convolution's output; the rest of the division goes into the output padding.
      const outputPadding = extents.map(
        (extent, i) => (extent + 2 * padding - dilation * (kernel[i]! - 1) - 1) % stride,
      );
      const x = random([batch, groups * outside, ...counts], "x");
      const weight = random([groups * outside, inside, ...kernel], "weight");
      const expected = new Float32Array(batch * groups * inside * extents[0] * extents[1]);
      connections(setting, counts, (i, o, w) => (expected[i]! += data(x)[o]! * data(weight)[w]!));
      const graph = new Graph();
      const [a, b] = [x, weight].map(({ shape }, i) => graph.input(`x${i}`, "float32", shape));
      const y = convolutionTranspose(a!, b!, undefined, { stride, padding, dilation, groups, outputPadding });
      graph.output("y", y);
      expect(y.shape).toEqual([batch, groups * inside, ...extents]);
      close(numbersOf(await runGraph(engine, graph, { x0: x, x1: weight }), "y"), expected);
    }),
    { numRuns: 20, seed: 12 },
  );
});

test("a weight or a bias that does not fit is refused with the shapes", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 4, 8, 8]);
  const weight = graph.input("weight", "float32", [6, 3, 3, 3]);
  expect(() => convolution(x, weight)).toThrow(/the weight takes 3 channels on axis 1, expected 4/);
  const fits = graph.input("fits", "float32", [6, 4, 3, 3]);
  expect(() => convolution(x, fits, graph.input("bias", "float32", [4]))).toThrow(
    /bias has shape \[4\], expected \[6\]/,
  );
  expect(() => convolution(graph.input("tiny", "float32", [1, 4, 2, 2]), fits)).toThrow(
    /window of 3 does not fit in axis 2 of 2/,
  );
});
