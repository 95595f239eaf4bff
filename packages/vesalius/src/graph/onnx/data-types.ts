import { VesaliusError } from "../../common/errors.ts";
import type { DataType } from "../../common/tensor.ts";

/** ONNX's numbers of the element types (TensorProto.DataType). */
const codes: Readonly<Record<DataType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
};

/** Element types of ONNX that the toolkit does not move, by their numbers. */
const otherTypes: Readonly<Record<number, string>> = {
  14: "complex64",
  15: "complex128",
  17: "float8e4m3fn",
  18: "float8e4m3fnuz",
  19: "float8e5m2",
  20: "float8e5m2fnuz",
  23: "float4e2m1",
  24: "float8e8m0",
  25: "uint2",
  26: "int2",
  27: "float6e3m2",
  28: "float6e2m3",
};

const names = new Map(Object.entries(codes).map(([name, code]) => [code, name as DataType]));

/** ONNX's number of an element type. */
export const elementTypeCode = (dtype: DataType): number => codes[dtype];

/** What to do about a model with elements of a type that is not supported. */
const remedy = (name: string): string => {
  if (name.startsWith("complex")) return "export the model with the real and the imaginary part as real tensors";
  return /^u?int2$/.test(name)
    ? "export the model with float32, float16, int8 or int4 elements in their place"
    : "export the model with float32, float16 or bfloat16 elements in their place, or quantised to int8";
};

/**
 * Element type of an ONNX number.
 *
 * @param where the tensor or value of that type, for messages
 * @throws VesaliusError `unsupported-operator` for types that the toolkit does not move (complex numbers, floats of 8
 * bits and fewer, integers of 2 bits), `bad-file` for numbers that mean none
 */
export function dataTypeOfCode(code: number, where?: string): DataType {
  const name = names.get(code);
  if (name !== undefined) return name;
  const place = where === undefined ? {} : { where };
  const other = otherTypes[code];
  if (other !== undefined)
    throw new VesaliusError("unsupported-operator", `the element type ${other} is not supported`, {
      ...place,
      fix: remedy(other),
    });
  throw new VesaliusError("bad-file", code === 0 ? "an element type is missing" : `ONNX has no element type ${code}`, {
    ...place,
    fix: "the file is damaged, or of a later version of ONNX; export the model again",
  });
}
