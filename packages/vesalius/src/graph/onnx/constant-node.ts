import { VesaliusError } from "../../common/errors.ts";
import type { Tensor } from "../../common/tensor.ts";
import type { NodeProto } from "./generated/onnx_pb.ts";
import { tensorOf, type TensorSource, unfoldSparse } from "./tensor-data.ts";

const text = new TextDecoder();

/**
 * Elements of a Constant node, in whichever attribute they stand.
 *
 * @throws VesaliusError `bad-file` where none of them holds a tensor
 */
export async function constantOf(node: NodeProto, source: TensorSource): Promise<Tensor> {
  const [attribute] = node.attribute;
  switch (attribute?.name) {
    case "value":
      if (attribute.t !== undefined) return tensorOf(attribute.t, source);
      break;
    case "sparse_value":
      if (attribute.sparseTensor !== undefined) return unfoldSparse(attribute.sparseTensor, source);
      break;
    case "value_int":
      return { dtype: "int64", shape: [], data: BigInt64Array.of(attribute.i) };
    case "value_ints":
      return { dtype: "int64", shape: [attribute.ints.length], data: BigInt64Array.from(attribute.ints) };
    case "value_float":
      return { dtype: "float32", shape: [], data: Float32Array.of(attribute.f) };
    case "value_floats":
      return { dtype: "float32", shape: [attribute.floats.length], data: Float32Array.from(attribute.floats) };
    case "value_string":
      return { dtype: "string", shape: [], data: [text.decode(attribute.s)] };
    case "value_strings":
      return {
        dtype: "string",
        shape: [attribute.strings.length],
        data: attribute.strings.map((bytes) => text.decode(bytes)),
      };
    default:
  }
  throw new VesaliusError("bad-file", "a Constant without a value", {
    where: `${source.where}, node ${node.name || node.output[0]}`,
  });
}
