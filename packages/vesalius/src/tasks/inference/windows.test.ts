import * as fc from "fast-check";
import { expect, test } from "vitest";
import { gaussianImportance, visitBox, windowStarts } from "./windows.ts";

test("windows cover every place and stay inside", () => {
  const axis = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(fc.array(axis, { minLength: 1, maxLength: 3 }), fc.constantFrom(0, 0.25, 0.5), (axes, overlap) => {
      const window = axes.map(([size]) => size);
      const extents = axes.map(([size, more]) => size + more);
      const seen = new Uint8Array(extents.reduce((product, extent) => product * extent, 1));
      for (const start of windowStarts(extents, window, overlap)) {
        start.forEach((at, i) => {
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at + window[i]!).toBeLessThanOrEqual(extents[i]!);
        });
        visitBox(extents, start, window, (place) => (seen[place] = 1));
      }
      expect(seen.every((value) => value === 1)).toBe(true);
    }),
  );
});

test("nnU-Net's steps: half overlapping windows of 32 over 80 start at 0, 16, 32 and 48", () => {
  expect(windowStarts([80], [32], 0.5)).toEqual([[0], [16], [32], [48]]);
  expect(
    windowStarts(
      [20, 32],
      [32, 32].map((_, i) => (i === 0 ? 20 : 32)),
      0.5,
    ),
  ).toEqual([[0, 0]]);
});

test("importance is highest in the middle, symmetric, and never zero", () => {
  const weights = gaussianImportance([9, 5]);
  expect(Math.max(...weights)).toBe(weights[22]);
  expect(weights[22]).toBe(1);
  expect(Math.min(...weights)).toBeGreaterThan(0);
  weights.forEach((weight, i) => expect(weight).toBeCloseTo(weights[44 - i]!, 6));
});
