/** Arrays that other threads see without a copy, and the operations that columns made of them share. */
import { VesaliusError } from "../../common/errors.ts";
import type { Column } from "../column.ts";

/** Typed arrays that columns are stored in. */
export type StoredArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

interface ArrayType<Stored extends StoredArray> {
  new (buffer: ArrayBufferLike): Stored;
  readonly BYTES_PER_ELEMENT: number;
}

/** Zeros in shared memory, where the platform has it. */
export function sharedArray<Stored extends StoredArray>(type: ArrayType<Stored>, length: number): Stored {
  const bytes = length * type.BYTES_PER_ELEMENT;
  return new type(typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes));
}

const typeOf = <Stored extends StoredArray>(values: Stored): ArrayType<Stored> =>
  values.constructor as unknown as ArrayType<Stored>;

/** The values in shared memory; those that lie there already are not copied. */
export function shared<Stored extends StoredArray>(values: Stored): Stored {
  if (typeof SharedArrayBuffer === "undefined" || values.buffer instanceof SharedArrayBuffer) return values;
  const copy = sharedArray(typeOf(values), values.length);
  copy.set(values);
  return copy;
}

/** Blocks of `width` values at `rows`, one after the other. */
export function gather<Stored extends StoredArray>(values: Stored, rows: ArrayLike<number>, width = 1): Stored {
  const gathered = sharedArray(typeOf(values), rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i]! * width;
    if (width === 1) gathered[i] = values[start]!;
    else gathered.set(values.subarray(start, start + width), i * width);
  }
  return gathered;
}

/** Arrays of one type, one after the other. */
export function concatenate<Stored extends StoredArray>(type: ArrayType<Stored>, parts: readonly Stored[]): Stored {
  const joined = sharedArray(
    type,
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The bytes that an array consists of, without a copy. */
export const bytesOf = (values: StoredArray): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Lists of different lengths: list i is `[offsets[i], offsets[i + 1])` of every array that belongs to them. */
export function takeLists(
  offsets: Int32Array | Float64Array,
  rows: ArrayLike<number>,
): { readonly lengths: number[]; readonly positions: Int32Array } {
  const lengths = Array.from(rows, (row) => offsets[row + 1]! - offsets[row]!);
  const positions = new Int32Array(lengths.reduce((a, b) => a + b, 0));
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let position = offsets[rows[i]!]!; position < offsets[rows[i]! + 1]!; position++) positions[at++] = position;
  }
  return { lengths, positions };
}

/** Offsets of lists of these lengths, `[lists + 1]`. */
export function offsetsOf<Stored extends Int32Array | Float64Array>(
  type: ArrayType<Stored>,
  lengths: ArrayLike<number>,
): Stored {
  const offsets = sharedArray(type, lengths.length + 1);
  for (let i = 0; i < lengths.length; i++) offsets[i + 1] = offsets[i]! + lengths[i]!;
  return offsets;
}

/** Lengths of the lists that offsets stand for. */
export const lengthsOf = (offsets: Int32Array | Float64Array): number[] =>
  Array.from({ length: offsets.length - 1 }, (_, i) => offsets[i + 1]! - offsets[i]!);

/** Whether a row of a column has a value. */
export const isPresent = ({ present }: Column, row: number): boolean => present === undefined || present[row] !== 0;

/** Most rows that are looked at for what is typical: medians of so many hardly change with more. */
const looked = 2000;

/** Rows with a value, evenly from the whole column. */
export function sampledRows(column: Column): number[] {
  const step = Math.max(1, Math.floor(column.length / looked));
  return Array.from({ length: Math.ceil(column.length / step) }, (_, i) => i * step).filter((row) =>
    isPresent(column, row),
  );
}

/** Number of rows of a column that have a value. */
export function presentCount(column: Column): number {
  return column.present?.reduce((sum, flag) => sum + Number(flag !== 0), 0) ?? column.length;
}

/** The part `present` of a column in which values may be missing; nothing where every row has one. */
export function presence(flags: readonly boolean[]): { readonly present?: Uint8Array } {
  return flags.every(Boolean) ? {} : { present: shared(Uint8Array.from(flags, Number)) };
}

/** `present` of some rows. */
export const takePresent = ({ present }: Column, rows: ArrayLike<number>): { readonly present?: Uint8Array } =>
  present === undefined ? {} : { present: gather(present, rows) };

/** `present` of columns one after the other. */
export function joinPresent(columns: readonly Column[]): { readonly present?: Uint8Array } {
  if (columns.every(({ present }) => present === undefined)) return {};
  const flags = columns.map(({ present, length }) => present ?? new Uint8Array(length).fill(1));
  return { present: concatenate(Uint8Array, flags) };
}

/** Values of rows, null where one is missing. */
export const readRows = <Read>(
  column: Column,
  rows: ArrayLike<number>,
  read: (row: number) => Read,
): Promise<(Read | null)[]> => Promise.resolve(Array.from(rows, (row) => (isPresent(column, row) ? read(row) : null)));

/** Number of rows of columns together. */
export const joinedLength = (columns: readonly Column[]): number =>
  columns.reduce((sum, { length }) => sum + length, 0);

/**
 * The one value that a property has in all columns.
 *
 * @throws VesaliusError `bad-data` where they differ
 */
export function agreed<Stored extends Column, Value>(
  columns: readonly Stored[],
  what: string,
  property: (column: Stored) => Value,
): Value {
  const first = property(columns[0]!);
  const key = JSON.stringify(first);
  if (columns.some((column) => JSON.stringify(property(column)) !== key)) {
    throw new VesaliusError("bad-data", `columns of ${columns[0]!.kind} with different ${what} cannot be joined`, {
      fix: `open the data so that all have the same ${what}`,
    });
  }
  return first;
}

/**
 * Checks that every part of a column has its length.
 *
 * @throws VesaliusError `shape-mismatch`
 */
export function checkLengths(kind: string, length: number, parts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, found] of Object.entries(parts)) {
    if (found !== undefined && found !== length)
      throw new VesaliusError("shape-mismatch", `a column of ${kind} with ${length} rows has ${found} ${name}`);
  }
}

/** Metadata and presence of a column as the beginning of its content. */
export function* contentHead(column: Column, metadata: unknown = null): Generator<string | Uint8Array> {
  yield JSON.stringify([column.kind, column.length, metadata]);
  if (column.present !== undefined) yield column.present;
}
