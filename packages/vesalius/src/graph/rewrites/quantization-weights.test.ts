import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float32, type Tensors } from "../../common/tensor.ts";
import { normalFloatLevels } from "./quantization-normal-float.ts";
import {
  dequantizeWeight,
  extentsOf,
  type QuantizedWeight,
  quantizationFormats,
  quantizedBytes,
  quantizedParts,
  quantizeWeight,
} from "./quantization-weights.ts";

const numbers = (count: number) =>
  fc.array(fc.float({ min: -8, max: 8, noNaN: true, noDefaultInfinity: true }), { minLength: count, maxLength: count });

const plain = { name: "w", transposed: true, format: "int8", blockSize: 16, symmetric: true } as const;

/** A weight and its elements. */
const weights = (formats: readonly QuantizedWeight["format"][]) =>
  fc
    .record({
      format: fc.constantFrom(...formats),
      transposed: fc.boolean(),
      symmetric: fc.boolean(),
      out: fc.integer({ min: 1, max: 5 }),
      inside: fc.integer({ min: 1, max: 40 }),
    })
    .chain(({ format, transposed, symmetric, out, inside }) => {
      // NF4 has whole blocks.
      const depth = format === "nf4" ? Math.ceil(inside / 16) * 16 : inside;
      const shape = transposed ? [out, depth] : [depth, out];
      const weight: QuantizedWeight = { ...plain, format, transposed, symmetric, shape };
      return fc.tuple(fc.constant(weight), numbers(out * depth));
    });

const roundTrip = (weight: QuantizedWeight, values: readonly number[]) => {
  const stored = quantizeWeight(float32(weight.shape, values), weight);
  return { stored, restored: dequantizeWeight(stored, weight).data as Float32Array };
};

test("an element of an integer format is off by at most half of its block's scale", () => {
  fc.assert(
    fc.property(weights(["int8", "int4"]), ([weight, values]) => {
      const { stored, restored } = roundTrip(weight, values);
      const { out, inside } = extentsOf(weight);
      const scale = stored.get("w.scale")!.data as Float32Array;
      for (let row = 0; row < out; row++)
        for (let k = 0; k < inside; k++) {
          const i = weight.transposed ? row * inside + k : k * out + row;
          const step = scale[Math.floor(k / 16) * out + row]!;
          expect(Math.abs(restored[i]! - Math.fround(values[i]!))).toBeLessThanOrEqual(step * 0.5001 + 1e-30);
        }
    }),
  );
});

test("an element of NF4 is off by at most half of the widest gap, and the error of its magnitude", () => {
  const gaps = normalFloatLevels.slice(1).map((level, i) => level - normalFloatLevels[i]!);
  const widest = Math.max(...gaps) / 2;
  fc.assert(
    fc.property(weights(["nf4"]), ([weight, values]) => {
      const { stored, restored } = roundTrip(weight, values);
      const { out, inside } = extentsOf(weight);
      const nested = (stored.get("w.nested_scale")!.data as Float32Array)[0]!;
      const at = (row: number, k: number): number => (weight.transposed ? row * inside + k : k * out + row);
      for (let row = 0; row < out; row++)
        for (let block = 0; block < inside / 16; block++) {
          const places = Array.from({ length: 16 }, (_, j) => at(row, block * 16 + j));
          const most = Math.max(...places.map((i) => Math.abs(Math.fround(values[i]!))));
          for (const i of places)
            expect(Math.abs(restored[i]! - Math.fround(values[i]!))).toBeLessThanOrEqual(
              most * widest + nested * 0.501 + 1e-6,
            );
        }
    }),
  );
});

test("what has been quantised once stays as it is", () => {
  fc.assert(
    fc.property(weights(["int8", "int4"]), ([weight, values]) => {
      const once = roundTrip({ ...weight, symmetric: true }, values).restored;
      const twice = roundTrip({ ...weight, symmetric: true }, [...once]).restored;
      twice.forEach((value, i) => expect(Math.abs(value - once[i]!)).toBeLessThanOrEqual(1e-6 * Math.abs(once[i]!)));
    }),
  );
});

test("zero stays zero in every format", () => {
  fc.assert(
    fc.property(weights(quantizationFormats), ([weight, values]) => {
      const { restored } = roundTrip(
        weight,
        values.map((value, i) => (i % 3 === 0 ? 0 : value)),
      );
      restored.forEach((value, i) => i % 3 === 0 && expect(Math.abs(value)).toBe(0));
    }),
  );
});

describe("quantizedBytes", () => {
  const large: QuantizedWeight = { ...plain, shape: [2048, 5632], blockSize: 64 };
  const perElement = (weight: QuantizedWeight): number => (8 * quantizedBytes(weight)) / (2048 * 5632);

  test("NF4 with double quantisation takes 4.127 bits an element, as in the paper", () => {
    expect(perElement({ ...large, format: "nf4" })).toBeCloseTo(4.127, 3);
  });

  test("counts what is stored", () => {
    for (const format of quantizationFormats) {
      const weight: QuantizedWeight = { ...plain, shape: [3, 32], format };
      const stored = quantizeWeight(float32([3, 32], new Float32Array(96).fill(0.5)), weight);
      const bytes = [...stored.values()].reduce((sum, { data }) => sum + (data as Uint8Array).byteLength, 0);
      expect(quantizedBytes(weight), format).toBe(bytes);
    }
  });
});

describe("refusals", () => {
  const weight: QuantizedWeight = { ...plain, shape: [2, 16] };

  test.each([NaN, Infinity, -Infinity])("%d is named with its place", (bad) => {
    const values = new Float32Array(32);
    values[5] = bad;
    expect(() => quantizeWeight(float32([2, 16], values), weight)).toThrow(
      expect.objectContaining({ code: "not-a-number", where: "w" }),
    );
  });

  test("another shape, another element type, a missing part", () => {
    const refused = expect.objectContaining({ code: "checkpoint-mismatch" });
    expect(() => quantizeWeight(float32([16, 2], new Float32Array(32)), weight)).toThrow(refused);
    const integers = { dtype: "int32" as const, shape: [2, 16], data: new Int32Array(32) };
    expect(() => quantizeWeight(integers, weight)).toThrow(refused);
    const stored: Tensors = quantizeWeight(float32([2, 16], new Float32Array(32)), weight);
    const [, scale] = quantizedParts(weight).values();
    stored.delete(scale!.name);
    expect(() => dequantizeWeight(stored, weight)).toThrow(refused);
  });
});
