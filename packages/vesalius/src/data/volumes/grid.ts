import type { VoxelGrid } from "./read-nifti.ts";

type Grid = Pick<VoxelGrid, "extents" | "spacing" | "affine">;

/**
 * Whether two volumes lie on one grid: equal extents, and voxels at the same places to a tenth of a voxel. Programs that
 * write masks round affines differently.
 */
export function sameGrid(a: Grid, b: Grid): boolean {
  if (a.extents.some((extent, axis) => extent !== b.extents[axis])) return false;
  const [depth, height, width] = a.extents;
  const tolerance = 0.1 * Math.min(...a.spacing);
  const corners = [0, 1].flatMap((i) =>
    [0, 1].flatMap((j) => [0, 1].map((k) => [i * (width - 1), j * (height - 1), k * (depth - 1)] as const)),
  );
  return corners.every(([i, j, k]) => {
    const distance = [0, 1, 2].map((row) => {
      const at = (affine: readonly number[]): number =>
        affine[4 * row]! * i + affine[4 * row + 1]! * j + affine[4 * row + 2]! * k + affine[4 * row + 3]!;
      return at(a.affine) - at(b.affine);
    });
    return Math.hypot(...distance) <= tolerance;
  });
}
