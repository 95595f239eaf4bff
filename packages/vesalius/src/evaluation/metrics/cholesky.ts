/**
 * Cholesky factor of a symmetric positive definite matrix.
 *
 * @param matrix `[size, size]` row-major; only the lower triangle is read.
 * @param scales `[size]` what the diagonal is compared with; the diagonal itself when left out.
 * @returns `[size, size]` lower triangular; undefined where the matrix is not positive definite: where a pivot is below
 * 1e-10 of its scale, of which no digit can be trusted after a sum of squares.
 */
export function cholesky(
  matrix: ArrayLike<number>,
  size: number,
  scales: ArrayLike<number> = Float64Array.from({ length: size }, (_, row) => matrix[row * size + row]!),
): Float64Array | undefined {
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * size + column]!;
      for (let k = 0; k < column; k++) sum -= factor[row * size + k]! * factor[column * size + k]!;
      if (row > column) factor[row * size + column] = sum / factor[column * size + column]!;
      else if (sum > 1e-10 * Math.abs(scales[row]!)) factor[row * size + row] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return factor;
}

/** Solves `matrix x = right` from the matrix's Cholesky factor. */
export function solveCholesky(factor: Float64Array, right: ArrayLike<number>): Float64Array {
  const size = right.length;
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) solution[row]! -= factor[row * size + k]! * solution[k]!;
    solution[row]! /= factor[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) solution[row]! -= factor[k * size + row]! * solution[k]!;
    solution[row]! /= factor[row * size + row]!;
  }
  return solution;
}
