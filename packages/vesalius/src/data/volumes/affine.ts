/** Affine matrices `[4, 4]`, row-major, from voxel indices (i, j, k) to millimetres (right, anterior, superior). */
export type Affine = readonly number[];

/** Spacing of voxels along i, j, k in millimetres: the lengths of the affine's columns. */
export const spacingOf = (affine: Affine): [number, number, number] => {
  const along = (axis: number): number => Math.hypot(affine[axis]!, affine[4 + axis]!, affine[8 + axis]!);
  return [along(0), along(1), along(2)];
};

/**
 * Affine of NIfTI's `qform` (method 2): a rotation as a unit quaternion, voxel sizes, and `qfac`, -1 where k is flipped.
 *
 * @param quaternion b, c, d; a follows from them
 */
export function affineOfQuaternion(
  quaternion: readonly [number, number, number],
  offset: readonly [number, number, number],
  spacing: readonly [number, number, number],
  qfac: 1 | -1,
): number[] {
  let [b, c, d] = quaternion;
  const squares = b * b + c * c + d * d;
  let a = Math.sqrt(Math.max(0, 1 - squares));
  if (squares > 1) {
    // Rounding in the file; a half turn, as in the reference implementation (nifti1_io.c).
    const norm = Math.sqrt(squares);
    [a, b, c, d] = [0, b / norm, c / norm, d / norm];
  }
  const rotation = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
  const scale = [spacing[0], spacing[1], spacing[2] * qfac];
  return [...rotation.flatMap((row, i) => [...row.map((value, j) => value * scale[j]!), offset[i]!]), 0, 0, 0, 1];
}

/**
 * The quaternion of an affine whose axes are perpendicular; undefined for sheared ones, which a quaternion cannot say.
 */
export function quaternionOfAffine(
  affine: Affine,
): { readonly quaternion: [number, number, number]; readonly qfac: 1 | -1 } | undefined {
  const spacing = spacingOf(affine);
  if (spacing.some((value) => !(value > 0))) return undefined;
  const at = (row: number, column: number): number => affine[4 * row + column]! / spacing[column]!;
  const dot = (p: number, q: number): number => at(0, p) * at(0, q) + at(1, p) * at(1, q) + at(2, p) * at(2, q);
  if (Math.max(Math.abs(dot(0, 1)), Math.abs(dot(0, 2)), Math.abs(dot(1, 2))) > 1e-5) return undefined;
  const determinant =
    at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
    at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
    at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0));
  const qfac = determinant < 0 ? -1 : 1;
  const r = (row: number, column: number): number => at(row, column) * (column === 2 ? qfac : 1);
  const trace = r(0, 0) + r(1, 1) + r(2, 2) + 1;
  let [a, b, c, d]: [number, number, number, number] = [0, 0, 0, 0];
  if (trace > 0.5) {
    a = Math.sqrt(trace) / 2;
    [b, c, d] = [(r(2, 1) - r(1, 2)) / (4 * a), (r(0, 2) - r(2, 0)) / (4 * a), (r(1, 0) - r(0, 1)) / (4 * a)];
  } else {
    const x = 1 + r(0, 0) - r(1, 1) - r(2, 2);
    const y = 1 + r(1, 1) - r(0, 0) - r(2, 2);
    const z = 1 + r(2, 2) - r(0, 0) - r(1, 1);
    if (x > 1) {
      b = Math.sqrt(x) / 2;
      [a, c, d] = [(r(2, 1) - r(1, 2)) / (4 * b), (r(0, 1) + r(1, 0)) / (4 * b), (r(0, 2) + r(2, 0)) / (4 * b)];
    } else if (y > 1) {
      c = Math.sqrt(y) / 2;
      [a, b, d] = [(r(0, 2) - r(2, 0)) / (4 * c), (r(0, 1) + r(1, 0)) / (4 * c), (r(1, 2) + r(2, 1)) / (4 * c)];
    } else {
      d = Math.sqrt(z) / 2;
      [a, b, c] = [(r(1, 0) - r(0, 1)) / (4 * d), (r(0, 2) + r(2, 0)) / (4 * d), (r(1, 2) + r(2, 1)) / (4 * d)];
    }
  }
  const sign = a < 0 ? -1 : 1;
  return { quaternion: [b * sign, c * sign, d * sign], qfac };
}
