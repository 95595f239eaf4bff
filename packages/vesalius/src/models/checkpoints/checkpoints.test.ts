import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float32, type Tensor, type Tensors } from "../../graph/index.ts";
import { differenceOf } from "./conformance/compare.ts";
import { parseSafetensorsIndex, safetensorsIndex, shardWeights } from "./safetensors-index.ts";
import { widen } from "./widen.ts";

describe("shardWeights", () => {
  test("keeps every tensor once and in order, and no file above the size unless one tensor is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 }),
        fc.integer({ min: 4, max: 200 }),
        (sizes, maximum) => {
          const weights: Tensors = new Map(sizes.map((size, i) => [`w${i}`, float32([size], new Float32Array(size))]));
          const shards = shardWeights(weights, maximum);
          expect(shards.flatMap(({ tensors }) => [...tensors.keys()])).toEqual([...weights.keys()]);
          for (const { tensors } of shards) {
            const bytes = [...tensors.values()].reduce((sum, { data }) => sum + 4 * data.length, 0);
            expect(bytes <= maximum || [...tensors.values()].filter(({ data }) => data.length > 0).length === 1).toBe(
              true,
            );
          }
          const index = parseSafetensorsIndex(safetensorsIndex(shards), "index");
          expect(new Map([...index].map(([file, names]) => [file, names.sort()]))).toEqual(
            new Map(
              shards
                .filter(({ tensors }) => tensors.size > 0)
                .map(({ file, tensors }) => [file, [...tensors.keys()].sort()]),
            ),
          );
        },
      ),
    );
  });
});

describe("widen", () => {
  test("gives the number of every float16", () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const wide = widen({ dtype: "float16", shape: [65_536], data: bits }).data as Float32Array;
    // Known points and the structure between them: negation, infinities, steps that double with the exponent.
    expect([wide[0], wide[1], wide[0x3c00], wide[0x7bff], wide[0x7c00]]).toEqual([0, 2 ** -24, 1, 65_504, Infinity]);
    const finite = Array.from(wide.subarray(0, 0x7c00));
    expect(Array.from(wide.subarray(0x8000, 0xfc00))).toEqual(finite.map((value) => -value));
    const steps = finite.slice(1).map((value, i) => value - finite[i]!);
    expect(steps).toEqual(steps.map((_, i) => 2 ** (Math.max(1, i >> 10) - 25)));
    expect(wide.subarray(0x7c01, 0x8000).every(Number.isNaN)).toBe(true);
  });

  test("bfloat16 is the upper half of a float32", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        const upper = new Uint16Array(Float32Array.of(value).buffer)[1]!;
        const [wide] = widen({ dtype: "bfloat16", shape: [1], data: Uint16Array.of(upper) }).data as Float32Array;
        expect(new Uint32Array(Float32Array.of(wide!).buffer)[0]).toBe(upper * 65_536);
      }),
    );
  });

  test("leaves other types alone", () => {
    const tensor = float32([1], [1]);
    expect(widen(tensor)).toBe(tensor);
  });
});

describe("differenceOf", () => {
  const of = (...values: number[]): Tensor => float32([values.length], values);
  const int32 = (...values: number[]): Tensor => ({
    dtype: "int32",
    shape: [values.length],
    data: Int32Array.from(values),
  });

  test("allows the tolerance of ONNX, and no more", () => {
    expect(differenceOf(of(1.0009, 0), of(1, 0))).toBeUndefined();
    expect(differenceOf(of(1.002), of(1))).toMatch(/element 0 is/);
    expect(differenceOf(of(2e-7), of(0))).toMatch(/element 0/);
    expect(differenceOf(int32(1, 2), int32(1, 3))).toBe("element 1 is 2, expected 3");
  });

  test("expects infinities and NaN in the same places", () => {
    expect(differenceOf(of(NaN, Infinity, -Infinity), of(NaN, Infinity, -Infinity))).toBeUndefined();
    expect(differenceOf(of(NaN), of(1))).toMatch(/NaN/);
    expect(differenceOf(of(1), of(NaN))).toMatch(/NaN/);
    expect(differenceOf(of(Infinity), of(-Infinity))).toMatch(/Infinity/);
    expect(differenceOf(of(1), of(Infinity))).toMatch(/Infinity/);
  });

  test("compares types, shapes and strings", () => {
    expect(differenceOf(of(1), int32(1))).toMatch(/element type/);
    expect(differenceOf(float32([1, 1], [1]), of(1))).toMatch(/shape \[1, 1\]/);
    const text = (...data: string[]): Tensor => ({ dtype: "string", shape: [data.length], data });
    expect(differenceOf(text("a", "b"), text("a", "b"))).toBeUndefined();
    expect(differenceOf(text("a", "b"), text("a", "c"))).toBe("string 1 differs");
  });
});
