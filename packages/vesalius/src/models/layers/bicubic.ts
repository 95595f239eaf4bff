import { tableSize } from "./table-size.ts";

/** Weight of a sample at a distance, in cubic convolution (Keys 1981) with PyTorch's a = -0.75. */
function cubicWeight(distance: number): number {
  const a = -0.75;
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/**
 * Matrix that resamples a line of `from` values to `to` values by bicubic interpolation, as
 * `torch.nn.functional.interpolate` with `mode="bicubic"`, `align_corners=False` and no antialiasing.
 *
 * @param scale samples of the result for one of the source; `to / from` by default
 * @returns `[to][from]`
 */
export function bicubicMatrix(from: number, to: number, scale = to / from): number[][] {
  tableSize(to, from);
  return Array.from({ length: to }, (_, i) => {
    const at = (i + 0.5) / scale - 0.5;
    const base = Math.floor(at);
    const row = Array.from({ length: from }, () => 0);
    for (let j = base - 1; j <= base + 2; j++) row[Math.min(Math.max(j, 0), from - 1)]! += cubicWeight(at - j);
    return row;
  });
}

/**
 * Matrix that resamples a grid of values, row by row, to another one; see `bicubicMatrix`.
 *
 * @param from rows and columns of the source
 * @param to rows and columns of the result
 * @param offset added to the extents of the result when the scale is computed, as DINOv2 does
 * @returns elements of `[rows * columns of the result, rows * columns of the source]`
 */
export function bicubicGrid(
  from: readonly [rows: number, columns: number],
  to: readonly [rows: number, columns: number],
  offset = 0,
): Float32Array {
  const grid = new Float32Array(tableSize(...to, ...from));
  const weightsOf = (rows: readonly number[][]): (readonly [at: number, weight: number])[][] =>
    rows.map((row) => row.flatMap((weight, at) => (weight === 0 ? [] : [[at, weight] as const])));
  const vertical = weightsOf(bicubicMatrix(from[0], to[0], (to[0] + offset) / from[0]));
  const horizontal = weightsOf(bicubicMatrix(from[1], to[1], (to[1] + offset) / from[1]));
  let start = 0;
  // Of a row, no more than sixteen elements are not zero.
  for (const down of vertical)
    for (const across of horizontal) {
      for (const [row, a] of down) for (const [column, b] of across) grid[start + row * from[1] + column] = a * b;
      start += from[0] * from[1];
    }
  return grid;
}
