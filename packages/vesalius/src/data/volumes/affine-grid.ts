import type { GridValues } from "../encoders/encoder.ts";

/** Square matrix, row by row. */
export type Matrix = readonly (readonly number[])[];

/** Where a position lies between two places of an axis: the place below, the step to the one above, and how near that is. */
function between(position: number, extent: number): readonly [low: number, step: number, share: number] {
  const at = Math.min(Math.max(position, 0), extent - 1);
  const low = Math.min(Math.floor(at), Math.max(extent - 2, 0));
  return [low, extent > 1 ? 1 : 0, at - low];
}

/** A grid of two axes as a slice of three, and the map with it. */
function threeAxes(extents: readonly number[], matrix: Matrix, shift: readonly number[]) {
  if (extents.length === 3) return { extents, matrix, shift };
  const [a, b] = matrix as readonly [readonly number[], readonly number[]];
  return {
    extents: [1, ...extents],
    matrix: [
      [1, 0, 0],
      [0, ...a],
      [0, ...b],
    ],
    shift: [0, ...shift],
  };
}

/**
 * A grid of the same extents that shows, at each place, what lies at `centre + matrix (place - centre) + shift`, linearly
 * between places or the nearest one. Places that see beyond the grid are 0.
 *
 * @param grid of two or three axes
 * @param shift in places
 */
export function affineGrid(
  grid: GridValues,
  matrix: Matrix,
  shift: readonly number[],
  how: "linear" | "nearest",
): GridValues {
  const { channels, data } = grid;
  const map = threeAxes(grid.extents, matrix, shift);
  const [depth, height, width] = map.extents as readonly [number, number, number];
  const [m0, m1, m2] = map.matrix as readonly (readonly [number, number, number])[] as readonly [
    readonly [number, number, number],
    readonly [number, number, number],
    readonly [number, number, number],
  ];
  const centre = map.extents.map((extent) => (extent - 1) / 2);
  const size = depth * height * width;
  const result = new Float32Array(data.length);
  let place = 0;
  for (let a = 0; a < depth; a++)
    for (let b = 0; b < height; b++) {
      const [da, db] = [a - centre[0]!, b - centre[1]!];
      const start0 = centre[0]! + map.shift[0]! + m0[0] * da + m0[1] * db - m0[2] * centre[2]!;
      const start1 = centre[1]! + map.shift[1]! + m1[0] * da + m1[1] * db - m1[2] * centre[2]!;
      const start2 = centre[2]! + map.shift[2]! + m2[0] * da + m2[1] * db - m2[2] * centre[2]!;
      for (let c = 0; c < width; c++, place++) {
        const [z, y, x] = [start0 + m0[2] * c, start1 + m1[2] * c, start2 + m2[2] * c];
        if (!(z >= -0.5 && y >= -0.5 && x >= -0.5 && z <= depth - 0.5 && y <= height - 0.5 && x <= width - 0.5))
          continue;
        if (how === "nearest") {
          const i = Math.min(Math.max(Math.round(z), 0), depth - 1);
          const j = Math.min(Math.max(Math.round(y), 0), height - 1);
          const k = Math.min(Math.max(Math.round(x), 0), width - 1);
          const from = (i * height + j) * width + k;
          for (let channel = 0; channel < channels; channel++)
            result[channel * size + place] = data[channel * size + from]!;
          continue;
        }
        const [i, stepI, fi] = between(z, depth);
        const [j, stepJ, fj] = between(y, height);
        const [k, stepK, fk] = between(x, width);
        for (let channel = 0; channel < channels; channel++) {
          const at = channel * size + (i * height + j) * width + k;
          const down = at + stepJ * width;
          const [back, both] = [at + stepI * height * width, down + stepI * height * width];
          const near = data[at]! + fk * (data[at + stepK]! - data[at]!);
          const low = data[down]! + fk * (data[down + stepK]! - data[down]!);
          const far = data[back]! + fk * (data[back + stepK]! - data[back]!);
          const end = data[both]! + fk * (data[both + stepK]! - data[both]!);
          const front = near + fj * (low - near);
          result[channel * size + place] = front + fi * (far + fj * (end - far) - front);
        }
      }
    }
  return { channels, extents: grid.extents, data: result };
}
