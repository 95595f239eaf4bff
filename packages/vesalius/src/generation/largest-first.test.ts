import * as fc from "fast-check";
import { expect, test } from "vitest";
import { argmax, largest, largestFirst } from "./largest-first.ts";

const values = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(-Infinity)), { maxLength: 40 });

test("positions come in the order of a stable sort", () => {
  fc.assert(
    fc.property(values, (numbers) => {
      const expected = [...numbers.keys()].sort((a, b) =>
        numbers[b]! > numbers[a]! ? 1 : numbers[b]! < numbers[a]! ? -1 : a - b,
      );
      expect([...largestFirst(Float32Array.from(numbers))]).toEqual(expected);
      expect(largest(Float32Array.from(numbers), 5)).toEqual(expected.slice(0, 5));
      if (numbers.length > 0) expect(argmax(Float32Array.from(numbers))).toBe(expected[0]);
    }),
  );
});
