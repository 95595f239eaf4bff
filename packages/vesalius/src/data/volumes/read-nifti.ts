import { VesaliusError } from "../../common/errors.ts";
import { sharedArray } from "../columns/storage.ts";
import { gunzip, isGzip } from "../files/gunzip.ts";
import { type NiftiHeader, readNiftiHeader } from "./nifti-header.ts";

/** Arrays that voxels are kept in. */
export type VoxelArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Voxels on a grid in space. */
export interface VoxelGrid<Voxels = VoxelArray> {
  readonly channels: number;
  /**
   * `[k, j, i]` (slices, rows, columns): the order in which NIfTI stores voxels, so that nothing is transposed. What
   * nibabel shows as `[i, j, k]` are these extents backward.
   */
  readonly extents: readonly [depth: number, height: number, width: number];
  /** Millimetres along the axes of `extents`. */
  readonly spacing: readonly [depth: number, height: number, width: number];
  /** `[4, 4]`, row-major: from (i, j, k) = (column, row, slice) to millimetres right, anterior, superior. */
  readonly affine: readonly number[];
  /** `[channels, depth, height, width]`. */
  readonly data: Voxels;
}

/** How one voxel of a type is read, where the bytes cannot be viewed as they are. */
const GETTERS = {
  uint8: (view: DataView, at: number) => view.getUint8(at),
  int8: (view: DataView, at: number) => view.getInt8(at),
  uint16: (view: DataView, at: number, little: boolean) => view.getUint16(at, little),
  int16: (view: DataView, at: number, little: boolean) => view.getInt16(at, little),
  uint32: (view: DataView, at: number, little: boolean) => view.getUint32(at, little),
  int32: (view: DataView, at: number, little: boolean) => view.getInt32(at, little),
  float32: (view: DataView, at: number, little: boolean) => view.getFloat32(at, little),
  float64: (view: DataView, at: number, little: boolean) => view.getFloat64(at, little),
  int64: (view: DataView, at: number, little: boolean) => Number(view.getBigInt64(at, little)),
  uint64: (view: DataView, at: number, little: boolean) => Number(view.getBigUint64(at, little)),
} as const;
const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
  // Larger than any label; the rest fits a double.
  int64: Float64Array,
  uint64: Float64Array,
} as const;

function voxels(bytes: Uint8Array, header: NiftiHeader): VoxelArray {
  const { type, extents, slope, intercept, offset, littleEndian } = header;
  const count = extents.reduce((a, b) => a * b);
  const scaled = slope !== 1 || intercept !== 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const get = GETTERS[type.name];
  const values: VoxelArray = sharedArray<VoxelArray>(scaled ? Float32Array : ARRAYS[type.name], count);
  for (let i = 0; i < count; i++) values[i] = get(view, offset + i * type.bytes, littleEndian) * slope + intercept;
  return values;
}

/**
 * Reads a NIfTI-1 or NIfTI-2 file, gzipped or not. Voxels keep their stored type, in shared memory; where the header
 * scales them (`scl_slope`, `scl_inter`) they become float32. Axes after the third become channels.
 *
 * @param options.where path that messages name
 * @param options.maxBytes most bytes that the file may unpack to
 * @throws VesaliusError `bad-file` for a damaged or truncated file, `not-a-number` for voxels that are not finite
 */
export function readNifti(
  file: Uint8Array,
  options: { readonly where: string; readonly maxBytes?: number | undefined },
): VoxelGrid {
  const bytes = isGzip(file) ? gunzip(file, options) : file;
  const header = readNiftiHeader(bytes, options.where);
  const [i, j, k, channels] = header.extents;
  const data = voxels(bytes, header);
  if ((data instanceof Float32Array || data instanceof Float64Array) && !data.every(Number.isFinite)) {
    throw new VesaliusError("not-a-number", "some voxels are not finite", {
      where: options.where,
      fix: "replace NaN and infinity before saving the volume",
    });
  }
  const [di, dj, dk] = header.spacing;
  return { channels, extents: [k, j, i], spacing: [dk, dj, di], affine: header.affine, data };
}
