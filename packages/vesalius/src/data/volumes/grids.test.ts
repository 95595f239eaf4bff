import * as fc from "fast-check";
import { expect, test } from "vitest";
import { centredCopy, eachPlace, extentsAt, linearAt, nearestAt, placeAt, placesOf, resampled } from "./grids.ts";

const extents = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 3 });

test("places are visited in row-major order, each once", () => {
  fc.assert(
    fc.property(extents, (shape) => {
      const places: number[] = [];
      eachPlace(shape, (index, place) => {
        expect(placeAt(index, shape)).toBe(place);
        places.push(place);
      });
      expect(places).toEqual(Array.from({ length: placesOf(shape) }, (_, i) => i));
    }),
  );
});

test("a linear function stays itself between the places, and places keep their values", () => {
  fc.assert(
    fc.property(extents, (shape) => {
      const values = new Float32Array(placesOf(shape));
      eachPlace(shape, (index, place) => (values[place] = index.reduce((sum, at, axis) => sum + (axis + 1) * at, 0)));
      eachPlace(shape, (index, place) => {
        expect(linearAt(values, shape, index)).toBeCloseTo(values[place]!, 5);
        expect(nearestAt(values, shape, index)).toBe(values[place]);
        const between = index.map((at, axis) => Math.min(at + 0.25, shape[axis]! - 1));
        expect(linearAt(values, shape, between)).toBeCloseTo(
          between.reduce((sum, at, axis) => sum + (axis + 1) * at, 0),
          4,
        );
      });
    }),
  );
});

test("resampling to the same extents changes nothing, and a constant stays constant", () => {
  const grid = { channels: 2, extents: [3, 4], data: Float32Array.from({ length: 24 }, (_, i) => i) };
  expect(resampled(grid, [3, 4], "linear")).toBe(grid);
  const flat = { channels: 1, extents: [3, 4, 5], data: new Float32Array(60).fill(7) };
  for (const how of ["linear", "nearest"] as const)
    expect(new Set(resampled(flat, [6, 3, 9], how).data)).toEqual(new Set([7]));
  expect(extentsAt([10, 20], [1, 2], [2, 1])).toEqual([5, 40]);
});

test("a centred copy into a larger grid and back is the identity", () => {
  fc.assert(
    fc.property(extents, fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 }), (shape, more) => {
      const larger = shape.map((extent, axis) => extent + more[axis]!);
      const source = Float32Array.from({ length: 2 * placesOf(shape) }, (_, i) => i + 1);
      const padded = new Float32Array(2 * placesOf(larger));
      centredCopy(source, shape, padded, larger, 2);
      const back = new Float32Array(source.length);
      centredCopy(padded, larger, back, shape, 2);
      expect(back).toEqual(source);
      expect(padded.filter((value) => value !== 0).length).toBe(source.length);
    }),
  );
});
