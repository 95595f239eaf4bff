import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { affineGrid } from "./affine-grid.ts";
import { eachPlace, linearAt, nearestAt, placesOf } from "./grids.ts";

const extentsOf = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 2, maxLength: 3 });

function gridOf(extents: readonly number[], channels: number, seed: number) {
  const stream = randomStream(seed, "grid");
  const data = Float32Array.from({ length: channels * placesOf(extents) }, () => stream.normal());
  return { channels, extents, data };
}

describe("a grid seen through an affine map", () => {
  test("shows what lies at the mapped places, by the definition", () => {
    fc.assert(
      fc.property(extentsOf, fc.integer({ min: 1, max: 2 }), fc.nat(), (extents, channels, seed) => {
        const grid = gridOf(extents, channels, seed);
        const stream = randomStream(seed, "map");
        const rank = extents.length;
        const matrix = extents.map((_, i) => extents.map((_, j) => (i === j ? 1 : 0) + 0.4 * stream.normal()));
        const shift = extents.map(() => stream.normal());
        for (const how of ["linear", "nearest"] as const) {
          const seen = affineGrid(grid, matrix, shift, how);
          const size = placesOf(extents);
          eachPlace(extents, (index, place) => {
            const position = extents.map((extent, row) => {
              const offset = (axis: number): number => index[axis]! - (extents[axis]! - 1) / 2;
              const turned = matrix[row]!.reduce((sum, value, axis) => sum + value * offset(axis), 0);
              return (extent - 1) / 2 + turned + shift[row]!;
            });
            const edge = position.some((at, axis) =>
              [-0.5, extents[axis]! - 0.5].some((end) => Math.abs(at - end) < 1e-9),
            );
            const outside = position.some((at, axis) => at < -0.5 || at > extents[axis]! - 0.5);
            const tie = how === "nearest" && position.some((at) => Math.abs(at - Math.floor(at) - 0.5) < 1e-9);
            if (edge || tie) return;
            for (let channel = 0; channel < channels; channel++) {
              const values = grid.data.subarray(channel * size, (channel + 1) * size);
              const expected = outside ? 0 : (how === "linear" ? linearAt : nearestAt)(values, extents, position);
              expect(seen.data[channel * size + place]).toBeCloseTo(expected, 4);
            }
          });
          expect(seen.extents).toHaveLength(rank);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("is itself under the identity", () => {
    fc.assert(
      fc.property(extentsOf, fc.nat(), (extents, seed) => {
        const grid = gridOf(extents, 1, seed);
        const identity = extents.map((_, i) => extents.map((_, j) => Number(i === j)));
        for (const how of ["linear", "nearest"] as const)
          expect(
            affineGrid(
              grid,
              identity,
              extents.map(() => 0),
              how,
            ).data,
          ).toEqual(grid.data);
      }),
    );
  });
});
