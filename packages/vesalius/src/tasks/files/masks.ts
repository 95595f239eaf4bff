import { encode } from "fast-png";
import { type Mask, writeNifti } from "../../data/index.ts";
import type { AnswerFile } from "../task.ts";

/** A name that every file system takes. */
const fileName = (id: string): string => id.replace(/\.(?:nii(?:\.gz)?|png|jpe?g)$/i, "").replace(/[^\w.-]+/g, "_");

/**
 * A mask as a file: NIfTI with the volume's own grid for three axes, a grey PNG whose values are the indices of the classes
 * for two.
 */
export function maskFile(id: string, mask: Mask): AnswerFile {
  const { extents, data, spacing, affine } = mask;
  if (extents.length === 3 && spacing !== undefined && affine !== undefined) {
    const [depth, height, width] = extents as [number, number, number];
    const [a, b, c] = spacing as [number, number, number];
    const grid = { channels: 1, extents: [depth, height, width], spacing: [a, b, c], affine, data } as const;
    return { name: `${fileName(id)}.nii.gz`, content: writeNifti(grid, { gzip: true }) };
  }
  // Slices of a volume without a grid of its own stand under each other.
  const width = extents.at(-1)!;
  const height = data.length / width;
  return { name: `${fileName(id)}.png`, content: encode({ width, height, data, channels: 1, depth: 8 }) };
}
