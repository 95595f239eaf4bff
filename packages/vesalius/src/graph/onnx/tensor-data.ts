import { VesaliusError } from "../../common/errors.ts";
import {
  allocate,
  bytesPerElement,
  type DataType,
  type Tensor,
  type TensorData,
  tensorBytes,
} from "../../common/tensor.ts";
import { dataTypeOfCode } from "./data-types.ts";
import { decodeTensorMessage } from "./decode.ts";
import { type SparseTensorProto, type TensorProto, TensorProto_DataLocation as Location } from "./generated/onnx_pb.ts";

/**
 * Reads a range of a file that stands beside a model. `length` is what the tensor needs, so it never depends on what
 * the file claims about itself.
 *
 * @param location path relative to the folder of the model, as the model states it: it is not to be trusted
 */
export type ExternalData = (location: string, offset: number, length: number) => Uint8Array | Promise<Uint8Array>;

/** Where tensors of a file are read from. */
export interface TensorSource {
  readonly where: string;
  readonly externalData?: ExternalData | undefined;
}

/** A tensor has no more axes than this in any file that makes sense. */
const maximumRank = 64;
/** A sparse tensor is not unfolded beyond this number of elements, whatever its shape claims. */
const maximumUnfolded = 2 ** 26;

const utf8 = new TextDecoder();

const bad = (what: string, { where }: TensorSource, name: string): VesaliusError =>
  new VesaliusError("bad-file", what, {
    where: name === "" ? where : `${where}, tensor ${name}`,
    fix: "the file is damaged; get it again",
  });

/** Extents of a shape, and their product. */
export function extentsOf(
  dims: readonly bigint[],
  source: TensorSource,
  name: string,
): { shape: number[]; count: number } {
  if (dims.length > maximumRank) throw bad(`a tensor of ${dims.length} axes`, source, name);
  const shape = dims.map(Number);
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (shape.some((extent) => extent < 0) || !Number.isSafeInteger(count))
    throw bad(`the shape [${shape.join(", ")}] cannot be`, source, name);
  return { shape, count };
}

/** Reads `length` bytes of storage into a typed array of their own: those of the file need not be aligned. */
function fromBytes(dtype: DataType, count: number, bytes: Uint8Array): TensorData {
  const data = allocate(dtype, count);
  tensorBytes({ dtype, shape: [count], data }).set(bytes);
  return data;
}

/** Copies numbers of a typed field into storage of the element type. */
function fromNumbers(dtype: DataType, count: number, values: ArrayLike<number | bigint>): TensorData {
  const data = allocate(dtype, count) as Exclude<TensorData, string[]>;
  const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
  for (let i = 0; i < data.length; i++) data[i] = isBig ? BigInt(values[i]!) : Number(values[i]!);
  return data;
}

/** The typed field that holds the elements of a type where they are not raw; two elements share a byte in 4 bits. */
function typedField(proto: TensorProto, dtype: DataType): ArrayLike<number | bigint> {
  switch (dtype) {
    case "float32":
      return proto.floatData;
    case "float64":
      return proto.doubleData;
    case "int64":
      return proto.int64Data;
    case "uint64":
    case "uint32":
      return proto.uint64Data;
    default:
      return proto.int32Data;
  }
}

function externalRange(proto: TensorProto, bytes: number, source: TensorSource) {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get("location") ?? "";
  const offset = Number(entries.get("offset") ?? "0");
  const length = Number(entries.get("length") ?? bytes);
  if (location === "" || !Number.isSafeInteger(offset) || offset < 0)
    throw bad("the place of its data cannot be read", source, proto.name);
  if (length !== bytes) throw bad(`its data has ${length} bytes, its shape needs ${bytes}`, source, proto.name);
  return { location, offset };
}

async function externalBytes(proto: TensorProto, bytes: number, source: TensorSource): Promise<Uint8Array> {
  const { location, offset } = externalRange(proto, bytes, source);
  if (source.externalData === undefined)
    throw new VesaliusError("missing-file", `the data of tensor "${proto.name}" stands in another file`, {
      where: source.where,
      fix: "open the model by its path, or pass `externalData`",
    });
  const found = await source.externalData(location, offset, bytes);
  if (found.byteLength !== bytes)
    throw bad(`got ${found.byteLength} of ${bytes} bytes of its data`, source, proto.name);
  return found;
}

/**
 * Decodes a tensor of an ONNX file, wherever its elements stand: raw, in a typed field or in another file. The result
 * has storage of its own. float16, bfloat16 and the 4-bit integers stay as they are.
 *
 * @throws VesaliusError `bad-file` when size and shape disagree; `unsupported-operator` for an element type that is not
 * supported
 */
export async function tensorOf(proto: TensorProto, source: TensorSource): Promise<Tensor> {
  const { shape, count } = extentsOf(proto.dims, source, proto.name);
  const dtype = dataTypeOfCode(
    proto.dataType,
    proto.name === "" ? source.where : `${source.where}, tensor ${proto.name}`,
  );
  if (dtype === "string") {
    if (proto.stringData.length !== count) throw bad("the number of its strings does not fit", source, proto.name);
    return { dtype, shape, data: proto.stringData.map((bytes) => utf8.decode(bytes)) };
  }
  const stored = bytesPerElement(dtype) === 0.5 ? Math.ceil(count / 2) : count;
  const bytes = Math.ceil(count * bytesPerElement(dtype));
  if (proto.dataLocation === Location.EXTERNAL)
    return { dtype, shape, data: fromBytes(dtype, count, await externalBytes(proto, bytes, source)) };
  if (proto.rawData.byteLength > 0) {
    if (proto.rawData.byteLength !== bytes)
      throw bad(`it has ${proto.rawData.byteLength} bytes, its shape needs ${bytes}`, source, proto.name);
    return { dtype, shape, data: fromBytes(dtype, count, proto.rawData) };
  }
  const values = typedField(proto, dtype);
  if (values.length !== stored)
    throw bad(`it has ${values.length} stored elements, its shape needs ${stored}`, source, proto.name);
  return { dtype, shape, data: fromNumbers(dtype, count, values) };
}

/** Writes a sparse tensor out in full; its indices are flat or one row per element. */
export async function unfoldSparse(proto: SparseTensorProto, source: TensorSource): Promise<Tensor> {
  const name = proto.values?.name ?? "";
  const { shape, count } = extentsOf(proto.dims, source, name);
  if (proto.values === undefined || proto.indices === undefined || count > maximumUnfolded)
    throw bad("the sparse tensor has no values, no indices or too large a shape", source, name);
  const values = await tensorOf(proto.values, source);
  const indices = await tensorOf(proto.indices, source);
  if (!(indices.data instanceof BigInt64Array)) throw bad("the indices of a sparse tensor must be int64", source, name);
  const rows = values.data.length;
  const perRow = indices.shape.length === 2 ? shape.length : 1;
  if (indices.data.length !== rows * perRow || bytesPerElement(values.dtype) === 0.5)
    throw bad("the indices of a sparse tensor do not fit its values", source, name);
  const data = allocate(values.dtype, count) as unknown[];
  for (let row = 0; row < rows; row++) {
    let position = 0;
    for (let i = 0; i < perRow; i++)
      position = (perRow === 1 ? 0 : position * shape[i]!) + Number(indices.data[row * perRow + i]!);
    if (!(position >= 0 && position < count)) throw bad("an index of a sparse tensor lies outside", source, name);
    data[position] = values.data[row];
  }
  return { dtype: values.dtype, shape, data: data as unknown as TensorData };
}

/** Decodes a file that holds one tensor, as the test cases of ONNX have them (`input_0.pb`). */
export const decodeTensor = (bytes: Uint8Array, where: string): Promise<Tensor> =>
  tensorOf(decodeTensorMessage(bytes, where), { where });
