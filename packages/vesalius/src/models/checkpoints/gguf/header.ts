import { VesaliusError } from "../../../common/errors.ts";
import { elementCount } from "../../../graph/index.ts";
import { type BlockFormat, blockFormats } from "./blocks.ts";
import { type ByteSource, ByteReader } from "./byte-reader.ts";

/** A value of a GGUF file's metadata; integers of 64 bits are numbers where those hold them exactly. */
export type GgufValue = string | number | boolean | readonly (string | number | boolean)[];

/** A tensor of a GGUF file. */
export interface GgufTensor {
  /** Slowest axis first, as everywhere here; the file has them the other way round. */
  readonly shape: readonly number[];
  readonly format: BlockFormat;
  /** Where its blocks lie in the file. */
  readonly offset: number;
  readonly bytes: number;
}

/** What stands in front of the numbers of a GGUF file. */
export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

const magic = 0x46554747;
const types = { array: 9, string: 8 } as const;
/** Bytes of a value at least: what a count of them needs. */
const smallest: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  8: 8,
  10: 8,
  11: 8,
  12: 8,
};

function scalar(reader: ByteReader, type: number): string | number | boolean {
  switch (type) {
    case 0:
      return reader.view(1).getUint8(0);
    case 1:
      return reader.view(1).getInt8(0);
    case 2:
      return reader.view(2).getUint16(0, true);
    case 3:
      return reader.view(2).getInt16(0, true);
    case 4:
      return reader.uint32();
    case 5:
      return reader.view(4).getInt32(0, true);
    case 6:
      return reader.view(4).getFloat32(0, true);
    case 7: {
      const value = reader.view(1).getUint8(0);
      if (value > 1) throw reader.bad(`a truth value is ${value}`);
      return value === 1;
    }
    case types.string:
      return reader.string();
    case 10:
      return reader.safe(reader.view(8).getBigUint64(0, true));
    case 11:
      return reader.safe(reader.view(8).getBigInt64(0, true));
    case 12:
      return reader.view(8).getFloat64(0, true);
    default:
      throw reader.bad(`a value has the unknown type ${type}`);
  }
}

function value(reader: ByteReader): GgufValue {
  const type = reader.uint32();
  if (type !== types.array) return scalar(reader, type);
  const inside = reader.uint32();
  const width = smallest[inside];
  if (width === undefined) throw reader.bad(`a list of values of the type ${inside} is not read`);
  const count = reader.count(width, "values of a list");
  return Array.from({ length: count }, () => scalar(reader, inside));
}

function tensorEntry(reader: ByteReader, name: string): GgufTensor {
  const rank = reader.uint32();
  if (rank < 1 || rank > 4) throw reader.bad(`a tensor has ${rank} axes, not 1 to 4`, name);
  const shape = Array.from({ length: rank }, () => reader.uint64()).toReversed();
  const type = reader.uint32();
  const offset = reader.uint64();
  const format = blockFormats.get(type);
  if (format === undefined)
    throw new VesaliusError("bad-file", `numbers are stored in a form that is not read (type ${type} of ggml)`, {
      where: `${reader.where}, tensor ${name}`,
      fix: `get the model in one of ${[...blockFormats.values()].map((each) => each.name).join(", ")}`,
    });
  const elements = elementCount(shape);
  if (!Number.isSafeInteger(elements) || elements === 0) throw reader.bad(`a tensor has ${elements} numbers`, name);
  if (shape.at(-1)! % format.size !== 0)
    throw reader.bad(`rows of ${shape.at(-1)} numbers are no whole blocks of ${format.name}`, name);
  return { shape, format, offset, bytes: (elements / format.size) * format.bytes };
}

/** Where tensors begin: counted from a multiple of the alignment after the header. */
function placed(
  reader: ByteReader,
  entries: ReadonlyMap<string, GgufTensor>,
  alignment: GgufValue | undefined,
): Map<string, GgufTensor> {
  const step = alignment ?? 32;
  if (typeof step !== "number" || !Number.isInteger(step) || step < 1 || step > 2 ** 20)
    throw reader.bad(`the alignment is ${String(step)}`);
  const start = Math.ceil(reader.position / step) * step;
  const result = new Map<string, GgufTensor>();
  let end = start;
  const ordered = [...entries].toSorted(([, a], [, b]) => a.offset - b.offset);
  for (const [name, tensor] of ordered) {
    const offset = start + tensor.offset;
    if (tensor.offset % step !== 0) throw reader.bad(`a tensor begins at no multiple of ${step}`, name);
    if (offset < end) throw reader.bad("two tensors overlap", name);
    end = offset + tensor.bytes;
    if (end > reader.size) throw reader.bad(`a tensor ends at byte ${end}, the file has ${reader.size}`, name);
    result.set(name, { ...tensor, offset });
  }
  return result;
}

/**
 * Reads what stands in front of the numbers of a GGUF file (version 2 or 3, little-endian; `gguf.md` of ggml-org/ggml).
 * Counts and lengths are compared with the size of the file before anything is made of them.
 *
 * @throws VesaliusError `bad-file` for what does not fit the format, and for numbers in a form that is not read
 */
export function readGgufHeader(source: ByteSource, where: string): GgufHeader {
  const reader = new ByteReader(source, where);
  if (source.size < 24 || reader.uint32() !== magic)
    throw new VesaliusError("bad-file", "this is no GGUF file", { where, fix: "name a .gguf file of a model" });
  const version = reader.uint32();
  if (version !== 2 && version !== 3)
    throw new VesaliusError("bad-file", `version ${version} of GGUF is not read`, {
      where,
      fix: "versions 2 and 3 in little-endian order are; convert the model with the tools of llama.cpp",
    });
  // A tensor takes at least a name's length, an axis, its type and its place.
  const tensorCount = reader.count(32, "tensors");
  const metadata = new Map<string, GgufValue>();
  for (let left = reader.count(13, "entries of metadata"); left > 0; left--) {
    const key = reader.string();
    if (metadata.has(key)) throw reader.bad("a key stands there twice", key);
    metadata.set(key, value(reader));
  }
  const entries = new Map<string, GgufTensor>();
  for (let left = tensorCount; left > 0; left--) {
    const name = reader.string();
    if (entries.has(name)) throw reader.bad("two tensors have the same name", name);
    entries.set(name, tensorEntry(reader, name));
  }
  return { metadata, tensors: placed(reader, entries, metadata.get("general.alignment")) };
}
