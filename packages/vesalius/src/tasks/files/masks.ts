import { formatCsv } from "../../common/csv.ts";
import { type Mask, writeNifti } from "../../data/index.ts";
import type { AnswerFile } from "../task.ts";

/** A name that every file system takes. */
const fileName = (id: string): string => id.replace(/\.nii(\.gz)?$/, "").replace(/[^\w.-]+/g, "_");

/**
 * A mask as a file: NIfTI with the volume's own grid for three axes, comma-separated class indices, a row of pixels on
 * each line, for two.
 */
export function maskFile(id: string, mask: Mask): AnswerFile {
  const { extents, data, spacing, affine } = mask;
  if (extents.length === 3 && spacing !== undefined && affine !== undefined) {
    const [depth, height, width] = extents as [number, number, number];
    const [a, b, c] = spacing as [number, number, number];
    const grid = { channels: 1, extents: [depth, height, width], spacing: [a, b, c], affine, data } as const;
    return { name: `${fileName(id)}.nii.gz`, content: writeNifti(grid, { gzip: true }) };
  }
  const width = extents.at(-1)!;
  const rows = Array.from({ length: data.length / width }, (_, row) => [
    ...data.subarray(row * width, (row + 1) * width),
  ]);
  return { name: `${fileName(id)}.csv`, content: formatCsv(rows) };
}
