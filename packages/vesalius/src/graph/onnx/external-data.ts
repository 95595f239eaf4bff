import { create } from "@bufbuild/protobuf";
import { VesaliusError } from "../../common/errors.ts";
import type { Graph } from "../graph.ts";
import { type Tensor, tensorBytes } from "../../common/tensor.ts";
import { elementTypeCode } from "./data-types.ts";
import { type TensorProto, TensorProto_DataLocation as Location, TensorProtoSchema } from "./generated/onnx_pb.ts";
import { tensorProto } from "./node-attributes.ts";
import { encodeModel, type OnnxOptions } from "./write.ts";

/** Options of `toOnnxFiles`. */
export interface OnnxFilesOptions extends OnnxOptions {
  /** Name of the file of weights, which stands in the folder of the model. */
  readonly location: string;
  /** Tensors of fewer bytes stay in the model; 1024 by default, as ONNX's own tools have it. */
  readonly minimumBytes?: number;
}

/** A model and the file of weights beside it. */
export interface OnnxFiles {
  readonly model: Uint8Array;
  /** Parts of the file of weights in their order; they share storage with the weights. */
  readonly data: readonly Uint8Array[];
}

/** Tensors start at multiples of this, so that an engine can map them into memory. */
const alignment = 4096;
/** Tensors below the alignment are packed more closely. */
const smallAlignment = 64;

/** Whether a name is that of a file in the same folder, on every system. */
const isPlainName = (name: string): boolean => /^[A-Za-z0-9_][\w.-]*$/.test(name);

/**
 * Encodes a graph as an ONNX model with its weights in a file beside it, which is what a model of more than 2 GB needs.
 *
 * @throws VesaliusError `bad-argument` when the location is no plain file name; what `toOnnx` throws
 */
export function toOnnxFiles(graph: Graph, options: OnnxFilesOptions): OnnxFiles {
  const { location, minimumBytes = 1024 } = options;
  if (!isPlainName(location))
    throw new VesaliusError("bad-argument", "the name of the file of weights must be a plain file name", {
      where: location,
      fix: "use letters, digits, dots, dashes and underscores, for example model.onnx.data",
    });
  const data: Uint8Array[] = [];
  let position = 0;
  const outside = (name: string, tensor: Tensor): TensorProto => {
    if (Array.isArray(tensor.data)) return tensorProto(name, tensor);
    const bytes = tensorBytes(tensor);
    if (bytes.byteLength < minimumBytes) return tensorProto(name, tensor);
    const step = bytes.byteLength < alignment ? smallAlignment : alignment;
    const start = Math.ceil(position / step) * step;
    if (start > position) data.push(new Uint8Array(start - position));
    data.push(bytes);
    position = start + bytes.byteLength;
    return create(TensorProtoSchema, {
      name,
      dims: tensor.shape.map(BigInt),
      dataType: elementTypeCode(tensor.dtype),
      dataLocation: Location.EXTERNAL,
      externalData: [
        { key: "location", value: location },
        { key: "offset", value: String(start) },
        { key: "length", value: String(bytes.byteLength) },
      ],
    });
  };
  return { model: encodeModel(graph, options, { tensor: outside }), data };
}
