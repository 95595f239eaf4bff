import { z } from "zod";
import { VesaliusError } from "./errors.ts";
import {
  bytesPerElement,
  type DataType,
  elementCount,
  type Tensor,
  tensorBytes,
  type Tensors,
  type TensorType,
} from "./tensor.ts";
import { parseJson } from "./parse-json.ts";

/** The element types of safetensors by their names in the file. */
const dtypeNames: Readonly<Record<string, DataType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U64: "uint64",
  U32: "uint32",
  U16: "uint16",
  U8: "uint8",
  BOOL: "bool",
};

const fileNames = new Map(Object.entries(dtypeNames).map(([name, dtype]) => [dtype, name]));

/** The largest header that the reference implementation accepts. */
const maximumHeader = 100_000_000;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string());

/** A decoded safetensors file. */
export interface Safetensors {
  readonly tensors: Tensors;
  readonly metadata: Readonly<Record<string, string>>;
}

const bad = (what: string, where: string): VesaliusError =>
  new VesaliusError("bad-file", what, { where, fix: "the file is damaged or is not a safetensors file; get it again" });

/** Numbers of fewer than 16 bits, whose meaning is in the code of the quantization that made them. */
const isNarrow = (dtype: string): boolean => /^[FI](?:[48]|6)(?:_|$)/.test(dtype);

function unknownType(name: string, dtype: string, where: string): VesaliusError {
  if (!isNarrow(dtype)) return bad(`tensor "${name}" has the unknown element type ${dtype}`, where);
  return new VesaliusError(
    "bad-file",
    `tensor "${name}" has the element type ${dtype} of a quantized model, which is not read`,
    {
      where,
      fix: "get the checkpoint in float32, float16 or bfloat16, or save it so with the library that made it",
    },
  );
}

/** A tensor over bytes in the order of the file: over them if they fill their buffer, else over an aligned copy. */
export function decodeTensor(dtype: DataType, shape: readonly number[], bytes: Uint8Array): Tensor {
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  // Not slice(): on a Node Buffer that would be a view of the whole file.
  const { buffer } = isWhole ? bytes : new Uint8Array(bytes);
  switch (dtype) {
    case "float64":
      return { dtype, shape, data: new Float64Array(buffer) };
    case "float32":
      return { dtype, shape, data: new Float32Array(buffer) };
    case "int64":
      return { dtype, shape, data: new BigInt64Array(buffer) };
    case "uint64":
      return { dtype, shape, data: new BigUint64Array(buffer) };
    case "int32":
      return { dtype, shape, data: new Int32Array(buffer) };
    case "uint32":
      return { dtype, shape, data: new Uint32Array(buffer) };
    case "int16":
      return { dtype, shape, data: new Int16Array(buffer) };
    case "int8":
      return { dtype, shape, data: new Int8Array(buffer) };
    case "float16":
    case "bfloat16":
    case "uint16":
      return { dtype, shape, data: new Uint16Array(buffer) };
    default:
      return { dtype, shape, data: new Uint8Array(buffer) };
  }
}

/** Type and place of each tensor in a safetensors file. */
export interface SafetensorsLayout {
  /** By name, in the order of the file; `start` and `end` are bytes of the file. */
  readonly tensors: ReadonlyMap<string, TensorType & { readonly start: number; readonly end: number }>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Length of the JSON header that a safetensors file begins with, from its first 8 bytes.
 *
 * @param fileBytes size of the whole file
 * @throws VesaliusError `bad-file` when the file cannot hold such a header
 */
export function safetensorsHeaderLength(first: Uint8Array, fileBytes: number, where: string): number {
  if (first.byteLength < 8) throw bad(`the file has ${first.byteLength} bytes, too few for a header`, where);
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
  if (length > maximumHeader || length > fileBytes - 8)
    throw bad(`the header claims ${length} bytes, the file holds ${fileBytes - 8}`, where);
  return length;
}

function parseHeader(json: Uint8Array, where: string): Record<string, unknown> {
  let raw: unknown;
  try {
    raw = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    throw bad("the header is no valid JSON", where);
  }
  const header = headerSchema.safeParse(raw);
  if (!header.success) throw bad("the header is no object", where);
  return header.data;
}

/**
 * Reads the JSON header of a safetensors file (https://github.com/huggingface/safetensors, format section): every offset
 * and size is checked, tensors must cover the data without gaps or overlaps.
 *
 * @param json the header, which follows the first 8 bytes
 * @param fileBytes size of the whole file
 * @throws VesaliusError `bad-file` for anything that does not fit the format
 */
export function safetensorsLayout(json: Uint8Array, fileBytes: number, where: string): SafetensorsLayout {
  const { __metadata__: rawMetadata = {}, ...rest } = parseHeader(json, where);
  const metadata = metadataSchema.safeParse(rawMetadata);
  if (!metadata.success) throw bad("__metadata__ must map names to strings", where);
  const entries = Object.entries(rest).map(([name, raw]) => {
    const entry = entrySchema.safeParse(raw);
    if (!entry.success) throw bad(`the entry "${name}" is malformed`, where);
    return { name, ...entry.data };
  });
  entries.sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  const begin = 8 + json.byteLength;
  const tensors = new Map<string, TensorType & { start: number; end: number }>();
  let position = 0;
  for (const { name, dtype, shape, data_offsets: offsets } of entries) {
    const known = dtypeNames[dtype];
    if (known === undefined) throw unknownType(name, dtype, where);
    const size = elementCount(shape) * bytesPerElement(known);
    if (offsets[0] !== position || offsets[1] !== position + size)
      throw bad(
        `tensor "${name}" of ${size} bytes claims the bytes ${offsets[0]} to ${offsets[1]}, expected ${position} to ${position + size}`,
        where,
      );
    position += size;
    if (begin + position > fileBytes) throw bad(`tensor "${name}" ends after the end of the file`, where);
    tensors.set(name, { dtype: known, shape, start: begin + offsets[0], end: begin + offsets[1] });
  }
  if (begin + position !== fileBytes) throw bad(`${fileBytes - begin - position} bytes follow the last tensor`, where);
  return { tensors, metadata: metadata.data };
}

/**
 * Decodes a safetensors file; see `safetensorsLayout`.
 *
 * @param where name for messages
 * @throws VesaliusError `bad-file` for anything that does not fit the format
 */
export function readSafetensors(bytes: Uint8Array, where = "safetensors"): Safetensors {
  const length = safetensorsHeaderLength(bytes.subarray(0, 8), bytes.byteLength, where);
  const layout = safetensorsLayout(bytes.subarray(8, 8 + length), bytes.byteLength, where);
  const tensors: Tensors = new Map();
  for (const [name, { dtype, shape, start, end }] of layout.tensors)
    tensors.set(name, decodeTensor(dtype, shape, bytes.subarray(start, end)));
  return { tensors, metadata: layout.metadata };
}

/**
 * Encodes tensors as a safetensors file. Names are sorted and the header is padded to 8 bytes, so that the same
 * tensors give the same bytes.
 *
 * @throws VesaliusError `bad-argument` for element types that the format does not have
 */
export function writeSafetensors(tensors: Tensors, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const names = [...tensors.keys()].sort();
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let position = 0;
  for (const name of names) {
    const { dtype, shape } = tensors.get(name)!;
    const fileName = fileNames.get(dtype);
    if (fileName === undefined)
      throw new VesaliusError("bad-argument", `safetensors has no element type ${dtype}`, { where: name });
    const size = elementCount(shape) * bytesPerElement(dtype);
    header[name] = { dtype: fileName, shape, data_offsets: [position, position + size] };
    position += size;
  }
  const encoded = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(encoded.byteLength / 8) * 8;
  const bytes = new Uint8Array(8 + length + position).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(encoded, 8);
  let offset = 8 + length;
  for (const name of names) {
    const part = tensorBytes(tensors.get(name)!);
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
