import { gzipSync } from "fflate";
import { VesaliusError } from "../../common/errors.ts";
import { bytesOf } from "../columns/storage.ts";
import { quaternionOfAffine } from "./affine.ts";
import type { VoxelGrid } from "./read-nifti.ts";

const CODES: readonly (readonly [new (length: number) => unknown, number])[] = [
  [Uint8Array, 2],
  [Int16Array, 4],
  [Int32Array, 8],
  [Float32Array, 16],
  [Float64Array, 64],
  [Int8Array, 256],
  [Uint16Array, 512],
  [Uint32Array, 768],
];
/** Bytes of the header and of the four that say that no extension follows. */
const OFFSET = 352;

/**
 * Writes voxels as a NIfTI-1 file, little-endian, with the affine as `sform` and, where its axes are perpendicular, as
 * `qform`, in millimetres. Channels become the fifth axis, as for vectors.
 *
 * @param options.gzip pack it, for a file called `.nii.gz` (default)
 * @throws VesaliusError `shape-mismatch` where the voxels do not fill the extents; `bad-argument` for an axis of more
 * than 32,767 voxels, which NIfTI-1 cannot say
 */
export function writeNifti(grid: VoxelGrid, options: { readonly gzip?: boolean } = {}): Uint8Array {
  const { channels, extents, spacing, affine, data } = grid;
  const [depth, height, width] = extents;
  if (data.length !== channels * depth * height * width) {
    throw new VesaliusError("shape-mismatch", `${data.length} voxels do not fill ${channels} x ${extents.join(" x ")}`);
  }
  if (Math.max(channels, ...extents) > 32_767)
    throw new VesaliusError("bad-argument", `an axis of ${Math.max(channels, ...extents)} voxels does not fit NIfTI-1`);
  const file = new Uint8Array(OFFSET + data.byteLength);
  const view = new DataView(file.buffer);
  view.setInt32(0, 348, true);
  const dimensions =
    channels === 1 ? [3, width, height, depth, 1, 1, 1, 1] : [5, width, height, depth, 1, channels, 1, 1];
  for (const [index, value] of dimensions.entries()) view.setInt16(40 + 2 * index, value, true);
  view.setInt16(70, CODES.find(([type]) => data instanceof type)![1], true);
  view.setInt16(72, 8 * data.BYTES_PER_ELEMENT, true);
  const rotation = quaternionOfAffine(affine);
  const sizes = [rotation?.qfac ?? 1, spacing[2], spacing[1], spacing[0], 1, 1, 1, 1];
  for (const [index, value] of sizes.entries()) view.setFloat32(76 + 4 * index, value, true);
  view.setFloat32(108, OFFSET, true);
  view.setFloat32(112, 1, true);
  view.setUint8(123, 2);
  if (rotation !== undefined) {
    view.setInt16(252, 1, true);
    for (const [index, value] of rotation.quaternion.entries()) view.setFloat32(256 + 4 * index, value, true);
    for (let row = 0; row < 3; row++) view.setFloat32(268 + 4 * row, affine[4 * row + 3]!, true);
  }
  view.setInt16(254, 1, true);
  for (let index = 0; index < 12; index++) view.setFloat32(280 + 4 * index, affine[index]!, true);
  file.set([0x6e, 0x2b, 0x31, 0], 344);
  file.set(bytesOf(data), OFFSET);
  return options.gzip === false ? file : gzipSync(file);
}
