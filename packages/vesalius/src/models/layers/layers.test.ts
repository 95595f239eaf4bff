import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elementCount, Graph, initializeParameters, type Tensor, type Tensors, type Value } from "../../graph/index.ts";
import { expectClose, runGraph } from "../../testing/reference.node.ts";
import { convolutionLayer, convolutionTransposeLayer } from "./convolution.ts";
import { extendTo } from "./convolution-block.ts";
import { batchNormLayer, channelNormLayer, groupNormLayer, instanceNormLayer, isBuffer } from "./normalization.ts";
import { patchify } from "./patches.ts";
import { gridCoordinates, mergeWindows, partitionWindows, relativePositionIndex, rollSpatial } from "./windows.ts";

const counted = (shape: readonly number[]): Tensor => ({
  dtype: "float32",
  shape,
  data: Float32Array.from({ length: elementCount(shape) }, (_, i) => Math.sin(i * 1.7) * 3 + (i % 5)),
});

/** Runs a function of one tensor, with parameters at their starting values. */
async function apply(x: Tensor, build: (value: Value) => Value): Promise<Tensors> {
  const graph = new Graph("layer");
  graph.output("y", build(graph.input("x", "float32", x.shape)));
  return runGraph(graph, new Map([...initializeParameters(graph, 1), ["x", x]]));
}

const shape = (build: (value: Value) => Value, of: readonly number[]): readonly number[] =>
  build(new Graph("shape").input("x", "float32", of)).shape;

const extents = (max: number) => fc.array(fc.integer({ min: 1, max }), { minLength: 2, maxLength: 3 });

describe("windows", () => {
  test("cutting into windows and putting them together again changes nothing, whatever the extents", async () => {
    const drawn = extents(6).chain((spatial) =>
      fc.record({
        spatial: fc.constant(spatial),
        window: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: spatial.length, maxLength: spatial.length }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(drawn, async ({ spatial, window }) => {
        const x = counted([2, ...spatial, 3]);
        const results = await apply(x, (value) => mergeWindows(partitionWindows(value, window), window, 2, spatial));
        expect(results.get("y")).toEqual(x);
      }),
      { numRuns: 15 },
    );
  });

  test("rolling back and forth changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(extents(5), fc.integer({ min: -7, max: 7 }), async (spatial, by) => {
        const x = counted([1, ...spatial, 2]);
        const shift = spatial.map((_, axis) => by + axis);
        const back = shift.map((step) => -step);
        expect((await apply(x, (value) => rollSpatial(rollSpatial(value, shift), back))).get("y")).toEqual(x);
      }),
      { numRuns: 15 },
    );
  });

  test("pairs at the same distance share a row of the table, others do not", () => {
    fc.assert(
      fc.property(extents(4), (window) => {
        const { index, tableLength } = relativePositionIndex(window);
        const positions = gridCoordinates(window);
        const rows = new Map<string, number>();
        positions.forEach((query, i) =>
          positions.forEach((key, j) => {
            const distance = query.map((place, axis) => place - key[axis]!).join();
            const row = index[i * positions.length + j]!;
            expect(rows.get(distance) ?? row).toBe(row);
            rows.set(distance, row);
          }),
        );
        expect(new Set(rows.values()).size).toBe(rows.size);
        expect(rows.size).toBe(tableLength);
      }),
    );
  });
});

describe("convolutions", () => {
  test("a convolution keeps the extents at stride 1, and a transposed one multiplies them by the stride", () => {
    fc.assert(
      fc.property(
        extents(6),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(1, 3, 5),
        (spatial, stride, grow, odd) => {
          const same = (x: Value) => convolutionLayer(x, "c", 4, { kernel: odd });
          expect(shape(same, [1, 2, ...spatial])).toEqual([1, 4, ...spatial]);
          const raise = (x: Value) => convolutionTransposeLayer(x, "t", 4, { kernel: stride * grow, stride });
          expect(shape(raise, [1, 2, ...spatial])).toEqual([1, 4, ...spatial.map((extent) => extent * stride)]);
        },
      ),
    );
  });

  test("an odd extent is reached by repeating the last slice", async () => {
    const x = { dtype: "float32" as const, shape: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 4) };
    const like = new Graph("like").input("x", "float32", [1, 1, 3, 2]);
    expect((await apply(x, (value) => extendTo(value, like))).get("y")!.data).toEqual(
      Float32Array.of(1, 2, 3, 4, 3, 4),
    );
  });
});

describe("normalizations", () => {
  const moments = (values: Float32Array): [number, number] => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    return [mean, values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length];
  };

  test.each([
    ["instance", (x: Value) => instanceNormLayer(x, "n"), 10],
    ["group", (x: Value) => groupNormLayer(x, "n", 2), 20],
  ] as const)("%s normalization gives zero mean and unit variance", async (_name, build, size) => {
    const y = (await apply(counted([2, 4, 10]), build)).get("y")!.data as Float32Array;
    for (let start = 0; start < y.length; start += size) {
      const [mean, variance] = moments(y.slice(start, start + size));
      expect(mean).toBeCloseTo(0, 5);
      expect(variance).toBeCloseTo(1, 3);
    }
  });

  test("channel normalization looks at one place at a time", async () => {
    const y = (await apply(counted([1, 4, 3]), (x) => channelNormLayer(x, "n"))).get("y")!.data as Float32Array;
    for (let place = 0; place < 3; place++) {
      const [mean, variance] = moments(Float32Array.from([0, 1, 2, 3], (channel) => y[channel * 3 + place]!));
      expect(mean).toBeCloseTo(0, 5);
      expect(variance).toBeCloseTo(1, 3);
    }
  });

  test("a batch normalization that is applied twice updates its statistics twice", async () => {
    const graph = new Graph("norm");
    const layer = (x: Value) => batchNormLayer(x, "bn", { training: true });
    const x = graph.input("x", "float32", [4, 2, 3]);
    graph.output("y", layer(layer(x)));
    expect([...graph.parameters.keys()].filter(isBuffer)).toEqual(["bn.running_mean", "bn.running_var"]);
    const input = counted([4, 2, 3]);
    const results = await runGraph(graph, new Map([...initializeParameters(graph, 1), ["x", input]]));
    const data = input.data as Float32Array;
    const expected = [0, 1].map((channel) => {
      const [mean, variance] = moments(data.filter((_, i) => Math.floor(i / 3) % 2 === channel));
      // The second batch is the first one normalised: mean 0, variance about 1.
      return { mean: 0.9 * 0.1 * mean, variance: 0.9 * (0.9 + (0.1 * variance * 12) / 11) + (0.1 * 12) / 11 };
    });
    const vector = (values: readonly number[]): Tensor => ({
      dtype: "float32",
      shape: [2],
      data: Float32Array.from(values),
    });
    expectClose(results.get("bn.running_mean.next")!, vector(expected.map(({ mean }) => mean)), 1e-4, 1e-5, "mean");
    const variances = vector(expected.map(({ variance }) => variance));
    expectClose(results.get("bn.running_var.next")!, variances, 1e-4, 1e-5, "variance");
  });

  test("a single value for each channel cannot be normalised", () => {
    const x = new Graph("norm").input("x", "float32", [1, 8, 1, 1]);
    expect(() => batchNormLayer(x, "bn", { training: true })).toThrow(/more than one value.*bn/s);
    expect(batchNormLayer(x, "bn", { training: false }).shape).toEqual([1, 8, 1, 1]);
  });
});

test("patches of a volume keep every voxel, and a patch that does not divide the volume is refused", async () => {
  const x = counted([1, 2, 4, 6, 2]);
  const y = (await apply(x, (value) => patchify(value, [2, 3, 2], "channelFirst"))).get("y")!;
  expect(y.shape).toEqual([1, 4, 24]);
  const sorted = ({ data }: Tensor): Float32Array => (data as Float32Array).slice().sort((a, b) => a - b);
  expect(sorted(y)).toEqual(sorted(x));
  expect(() => shape((value) => patchify(value, 4, "channelLast"), [1, 1, 8, 6, 4])).toThrow(/8 x 6 x 4/);
});
