import { parse } from "npyjs";
import { VesaliusError } from "../../common/errors.ts";
import { readZip } from "./zip.ts";

/** Typed arrays that numeric `.npy` files decode to. */
export type NumericData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** One array of an `.npz` file, in C order. */
export interface NumericArray {
  /** numpy's type code without byte order: `u1`, `i8`, `f4`, `b1` ... */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Values with the last axis fastest. Booleans come as 0 and 1 in a Uint8Array, float16 as Float32Array. */
  readonly data: NumericData;
}

/** Options of {@link readNpz}. */
export interface NpzOptions {
  /** Path that messages name. */
  readonly where: string;
  /** Most bytes that all arrays together may hold; 2 GiB unless told. */
  readonly maxBytes?: number | undefined;
  /** Arrays to read, by name; all unless told. */
  readonly wants?: ((name: string) => boolean) | undefined;
  /** Told of each member that is not read: an array by its name, another file by that of the file. */
  readonly onSkipped?: ((name: string) => void) | undefined;
}

/** `npyjs` wants a buffer that holds the file and nothing else; large arrays are copied only where they share one. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length ? buffer : bytes.slice().buffer;
}

function refuseType(type: string, where: string): VesaliusError {
  if (type.includes("O")) {
    return new VesaliusError("bad-file", "the array holds Python objects, which only unpickling could read", {
      where,
      fix: "save it as a numeric array: numpy.asarray(x, dtype=numpy.uint8)",
    });
  }
  return new VesaliusError("bad-file", `arrays of numpy type ${type} are not read`, {
    where,
    fix: "save it as a little-endian integer or float array, for instance numpy.uint8",
  });
}

/**
 * Reads one `.npy` array.
 *
 * @throws VesaliusError `bad-file` for a damaged header, Python objects, text, complex or big-endian numbers, Fortran
 * order, or data that are shorter or longer than the shape says.
 */
export function readNpy(bytes: Uint8Array, where: string): NumericArray {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(ownBuffer(bytes));
  } catch (error) {
    const unsupported = /^Unsupported dtype: (.*)$/.exec(error instanceof Error ? error.message : "");
    if (unsupported) throw refuseType(unsupported[1]!, where);
    throw new VesaliusError("bad-file", "the array's .npy header or length is damaged", {
      where,
      fix: "write the file again with numpy.savez_compressed",
      cause: error,
    });
  }
  const { dtype, shape, fortranOrder } = parsed;
  if (/^[Uc]/.test(dtype)) throw refuseType(dtype, where);
  if (fortranOrder) {
    throw new VesaliusError("bad-file", "the array is stored in Fortran order", {
      where,
      fix: "save numpy.ascontiguousarray(x)",
    });
  }
  const data = (
    Array.isArray(parsed.data) ? Uint8Array.from(parsed.data as boolean[], Number) : parsed.data
  ) as NumericData;
  const expected = shape.reduce((product, size) => product * size, 1);
  if (data.length !== expected) {
    throw new VesaliusError(
      "bad-file",
      `the array holds ${data.length} values where its shape (${shape.join(", ")}) says ${expected}`,
      {
        where,
        fix: "the file is damaged; write it again",
      },
    );
  }
  return { dtype, shape, data };
}

/**
 * Reads all arrays of an `.npz` archive, by name without the `.npy` ending.
 *
 * @throws VesaliusError `bad-file`, naming the file and the array; see {@link readNpy} and the zip reader.
 *
 * @example
 * const arrays = readNpz(bytes, { where: "pneumoniamnist.npz" });
 * arrays.get("train_images")?.shape; // [4708, 28, 28]
 */
export function readNpz(bytes: Uint8Array, options: NpzOptions): Map<string, NumericArray> {
  const { where, maxBytes = 2 ** 31, wants = () => true } = options;
  const nameOf = (member: string): string => member.slice(0, -".npy".length);
  const wanted = (member: string): boolean => {
    const isArray = member.endsWith(".npy");
    if (isArray && wants(nameOf(member))) return true;
    options.onSkipped?.(isArray ? nameOf(member) : member);
    return false;
  };
  const arrays = new Map<string, NumericArray>();
  for (const [member, content] of readZip(bytes, { where, maxBytes, wants: wanted })) {
    const name = nameOf(member);
    arrays.set(name, readNpy(content, `${where}, array ${name}`));
  }
  return arrays;
}
