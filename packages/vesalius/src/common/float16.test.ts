import * as fc from "fast-check";
import { expect, test } from "vitest";
import { narrowFloat16, widenBfloat16, widenFloat16 } from "./float16.ts";

test("every float16 survives the way through float32", () => {
  const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const back = narrowFloat16(widenFloat16(bits));
  bits.forEach((pattern, i) => {
    const isNaN = (pattern & 0x7c00) === 0x7c00 && (pattern & 0x3ff) !== 0;
    if (isNaN) expect(back[i]! & 0x7fff).toBe(0x7e00);
    else if (back[i] !== pattern) expect(back[i], `pattern ${pattern}`).toBe(pattern);
  });
});

test("rounds to the nearest of the neighbours, ties to even", () => {
  fc.assert(
    fc.property(fc.float({ min: -65_000, max: 65_000, noNaN: true }), (value) => {
      const bits = narrowFloat16(Float32Array.of(value))[0]!;
      const [below, at, above] = widenFloat16(Uint16Array.of((bits & 0x7fff) === 0 ? bits : bits - 1, bits, bits + 1));
      const error = Math.abs(at! - value);
      expect(error).toBeLessThanOrEqual(Math.abs(below! - value));
      expect(error).toBeLessThanOrEqual(Math.abs(above! - value));
      if (error === Math.abs(above! - value)) expect(bits & 1).toBe(0);
    }),
  );
});

test("what float16 cannot hold becomes infinite, and zero keeps its sign", () => {
  expect([...narrowFloat16(Float32Array.of(65_520, -1e30, Infinity, -0, 2 ** -26, 65_519))]).toEqual([
    0x7c00, 0xfc00, 0x7c00, 0x8000, 0, 0x7bff,
  ]);
});

test("bfloat16 is the upper half of a float32", () => {
  expect([...widenBfloat16(Uint16Array.of(0x3f80, 0xc000, 0x7f80))]).toEqual([1, -2, Infinity]);
});
