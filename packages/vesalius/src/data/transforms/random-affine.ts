import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import type { RandomStream } from "../../common/random.ts";
import { affineGrid, type Matrix } from "../volumes/affine-grid.ts";
import type { ExampleTransform } from "./moved.ts";
import { gridKinds, gridOf, samplingOf, spacingOf, withGrid } from "./spatial.ts";
import { rangeSchema, uniformIn } from "./transform.ts";

const identity = (rank: number): number[][] =>
  Array.from({ length: rank }, (_, row) => Array.from({ length: rank }, (_unused, column) => (row === column ? 1 : 0)));

const times = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => b[0]!.map((_, column) => row.reduce((sum, value, k) => sum + value * b[k]![column]!, 0)));

/** Rotations in every plane of two axes, each by an angle up to the limit. */
function rotation(rank: number, degrees: number, random: RandomStream): Matrix {
  let matrix: Matrix = identity(rank);
  for (let first = 0; first < rank; first++)
    for (let second = first + 1; second < rank; second++) {
      const angle = (uniformIn(random, -degrees, degrees) * Math.PI) / 180;
      const plane = identity(rank);
      plane[first]![first] = plane[second]![second] = Math.cos(angle);
      plane[first]![second] = -Math.sin(angle);
      plane[second]![first] = Math.sin(angle);
      matrix = times(matrix, plane);
    }
  return matrix;
}

/** Rotation, scaling and shift of an example, images, volumes and masks alike, about the centre. */
export const affine = entry({
  name: "affine",
  summary: "Rotation, scaling and shift; images, volumes and masks move together.",
  settings: z.strictObject({
    /** Largest angle in degrees, in every plane. */
    rotation: z.number().min(0).max(180).default(15),
    /** Factor of size, the same along all axes. */
    scale: rangeSchema(0.1, 10).default([0.85, 1.2]),
    /** Largest shift along each axis, as a share of the extent. */
    shift: z.number().min(0).max(1).default(0.05),
    probability: z.number().min(0).max(1).default(0.8),
  }),
  create: ({ rotation: degrees, scale, shift, probability }): ExampleTransform => ({
    kinds: gridKinds,
    draw(values, random) {
      if (random.uniform() >= probability) return (moved) => moved.value;
      const rank = gridOf(values[0]!).extents.length;
      const turned = rotation(rank, degrees, random);
      const factor = 1 / uniformIn(random, scale[0], scale[1]);
      const shares = Array.from({ length: rank }, () => uniformIn(random, -shift, shift));
      return (moved) => {
        const grid = gridOf(moved);
        const spacing = spacingOf(moved, rank);
        // Angles are those of the body, whose millimetres are not equally many along all axes.
        const matrix = turned.map((row, i) => row.map((value, j) => (factor * value * spacing[j]!) / spacing[i]!));
        const shifts = grid.extents.map((extent, axis) => shares[axis]! * extent);
        return withGrid(moved, affineGrid(grid, matrix, shifts, samplingOf(moved)));
      };
    },
  }),
});
