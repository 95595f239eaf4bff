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

const names = new Map(Object.entries(codes).map(([name, code]) => [code, name as DataType]));

/** ONNX's number of an element type. */
export const elementTypeCode = (dtype: DataType): number => codes[dtype];

/**
 * Element type of an ONNX number.
 *
 * @throws VesaliusError `bad-file` for types that the toolkit does not move (complex, 8-bit floats).
 */
export function dataTypeOfCode(code: number): DataType {
  const name = names.get(code);
  if (name === undefined) throw new VesaliusError("bad-file", `element type ${code} of ONNX is not supported`);
  return name;
}
