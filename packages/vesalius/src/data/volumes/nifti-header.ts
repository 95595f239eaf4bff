import { VesaliusError } from "../../common/errors.ts";
import { affineOfQuaternion } from "./affine.ts";

/** Element types that are read, by NIfTI's code. */
const DATA_TYPES = {
  2: { name: "uint8", bytes: 1 },
  4: { name: "int16", bytes: 2 },
  8: { name: "int32", bytes: 4 },
  16: { name: "float32", bytes: 4 },
  64: { name: "float64", bytes: 8 },
  256: { name: "int8", bytes: 1 },
  512: { name: "uint16", bytes: 2 },
  768: { name: "uint32", bytes: 4 },
  1024: { name: "int64", bytes: 8 },
  1280: { name: "uint64", bytes: 8 },
} as const;
/** Element types that exist but are not read. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  1: "binary",
  32: "complex64",
  128: "RGB24",
  1536: "float128",
  1792: "complex128",
  2048: "complex256",
  2304: "RGBA32",
};
/** Millimetres in the units of `xyzt_units`; unknown ones are taken for millimetres, as everybody does. */
const MILLIMETRES: Readonly<Record<number, number>> = { 0: 1, 1: 1000, 2: 1, 3: 0.001 };

/** What a NIfTI-1 or NIfTI-2 header says. */
export interface NiftiHeader {
  readonly littleEndian: boolean;
  readonly type: (typeof DATA_TYPES)[keyof typeof DATA_TYPES];
  /** Extents along i, j, k and of everything after them together (time, channels). */
  readonly extents: readonly [i: number, j: number, k: number, rest: number];
  /** Millimetres along i, j, k. */
  readonly spacing: readonly [number, number, number];
  /** See {@link Affine}. */
  readonly affine: readonly number[];
  /** Stored values times `slope` plus `intercept` are the values. */
  readonly slope: number;
  readonly intercept: number;
  /** First byte of the values. */
  readonly offset: number;
}

/** Where the fields lie in both versions. */
interface Layout {
  readonly version: 1 | 2;
  readonly size: number;
  dimension(index: number): number;
  real(name: "pixdim" | "slope" | "intercept" | "offset" | "quatern" | "qoffset" | "srow", index?: number): number;
  code(name: "datatype" | "qform" | "sform" | "units"): number;
}

const FIELDS = {
  1: {
    dim: 40,
    datatype: 70,
    pixdim: 76,
    offset: 108,
    slope: 112,
    intercept: 116,
    units: 123,
    qform: 252,
    sform: 254,
    quatern: 256,
    qoffset: 268,
    srow: 280,
  },
  2: {
    dim: 16,
    datatype: 12,
    pixdim: 104,
    offset: 168,
    slope: 176,
    intercept: 184,
    units: 516,
    qform: 344,
    sform: 348,
    quatern: 352,
    qoffset: 376,
    srow: 400,
  },
} as const;

function layoutOf(view: DataView, little: boolean, version: 1 | 2): Layout {
  const fields = FIELDS[version];
  return {
    version,
    size: version === 1 ? 348 : 540,
    dimension: (index) =>
      version === 1
        ? view.getInt16(fields.dim + 2 * index, little)
        : Number(view.getBigInt64(fields.dim + 8 * index, little)),
    real: (name, index = 0) => {
      if (version === 1) return view.getFloat32(fields[name] + 4 * index, little);
      if (name === "offset") return Number(view.getBigInt64(fields.offset, little));
      return view.getFloat64(fields[name] + 8 * index, little);
    },
    code: (name) => {
      if (name === "datatype") return view.getInt16(fields.datatype, little);
      if (version === 2) return view.getInt32(fields[name], little);
      return name === "units" ? view.getUint8(fields.units) : view.getInt16(fields[name], little);
    },
  };
}

function affineOf(layout: Layout, spacing: readonly [number, number, number], toMillimetres: number): number[] {
  const three = (name: "quatern" | "qoffset"): [number, number, number] => [
    layout.real(name, 0),
    layout.real(name, 1),
    layout.real(name, 2),
  ];
  if (layout.code("sform") > 0) {
    const rows = Array.from({ length: 12 }, (_, index) => layout.real("srow", index) * toMillimetres);
    return [...rows, 0, 0, 0, 1];
  }
  if (layout.code("qform") > 0) {
    const [x, y, z] = three("qoffset");
    const offset = [x * toMillimetres, y * toMillimetres, z * toMillimetres] as const;
    return affineOfQuaternion(three("quatern"), offset, spacing, layout.real("pixdim", 0) < 0 ? -1 : 1);
  }
  return [spacing[0], 0, 0, 0, 0, spacing[1], 0, 0, 0, 0, spacing[2], 0, 0, 0, 0, 1];
}

function extentsOf(layout: Layout, where: string): [number, number, number, number] {
  const count = layout.dimension(0);
  const extents = Array.from({ length: Math.min(Math.max(count, 0), 7) }, (_, axis) => layout.dimension(axis + 1));
  if (count < 1 || count > 7 || extents.some((extent) => extent < 1)) {
    throw new VesaliusError("bad-file", `the header says ${count} axes of ${extents.join(" x ")} voxels`, { where });
  }
  const [i, j = 1, k = 1, ...rest] = extents;
  return [i!, j, k, rest.reduce((a, b) => a * b, 1)];
}

/**
 * Reads the header of a NIfTI-1 or NIfTI-2 file (one file, `.nii`), of either byte order. The affine is that of `sform`
 * where it is set, else of `qform`, else the spacing alone, as in nibabel.
 *
 * @throws VesaliusError `bad-file` for bytes that are no such header, an element type that is not read, a header and
 * image in two files, or values beyond the end of the file
 */
export function readNiftiHeader(bytes: Uint8Array, where: string): NiftiHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = bytes.length < 348 ? 0 : view.getInt32(0, true);
  const swapped = bytes.length < 348 ? 0 : view.getInt32(0, false);
  const version = [first, swapped].includes(348) ? 1 : [first, swapped].includes(540) ? 2 : undefined;
  if (version === undefined || (version === 2 && bytes.length < 540)) {
    throw new VesaliusError("bad-file", "the file has no NIfTI header", { where, fix: "give a .nii or .nii.gz file" });
  }
  const littleEndian = first === 348 || first === 540;
  const magic = String.fromCharCode(...bytes.subarray(version === 1 ? 344 : 4, version === 1 ? 347 : 7));
  if (magic !== `n+${version}`) {
    const pair = magic.startsWith("ni");
    throw new VesaliusError(
      "bad-file",
      pair ? "header and image are in two files" : "the NIfTI header has no signature",
      {
        where,
        fix: "save the volume as one .nii or .nii.gz file",
      },
    );
  }
  const layout = layoutOf(view, littleEndian, version);
  const code = layout.code("datatype");
  const type = Object.hasOwn(DATA_TYPES, code) ? DATA_TYPES[code as keyof typeof DATA_TYPES] : undefined;
  if (type === undefined) {
    throw new VesaliusError("bad-file", `voxels of type ${OTHER_TYPES[code] ?? `code ${code}`} are not read`, {
      where,
      fix: "save the volume with integers or real numbers",
    });
  }
  const extents = extentsOf(layout, where);
  const offset = layout.real("offset");
  const needed = extents.reduce((a, b) => a * b, type.bytes);
  if (!Number.isInteger(offset) || offset < layout.size || offset + needed > bytes.length) {
    throw new VesaliusError(
      "bad-file",
      `the header says ${extents.join(" x ")} voxels of ${type.name} from byte ${offset}, the file has ${bytes.length} bytes`,
      { where, fix: "the file is truncated; copy it again" },
    );
  }
  const toMillimetres = MILLIMETRES[layout.code("units") & 7] ?? 1;
  const size = (axis: number): number => {
    const value = Math.abs(layout.real("pixdim", axis)) * toMillimetres;
    return Number.isFinite(value) && value > 0 ? value : 1;
  };
  const spacing = [size(1), size(2), size(3)] as const;
  const affine = affineOf(layout, spacing, toMillimetres);
  if (affine.some((value) => !Number.isFinite(value)))
    throw new VesaliusError("bad-file", "the affine of the header is not finite", { where });
  const slope = layout.real("slope");
  const scaled = Number.isFinite(slope) && slope !== 0;
  const intercept = scaled ? layout.real("intercept") : 0;
  return {
    littleEndian,
    type,
    extents,
    spacing,
    affine,
    slope: scaled ? slope : 1,
    intercept: Number.isFinite(intercept) ? intercept : 0,
    offset,
  };
}
