import { create } from "@bufbuild/protobuf";
import { VesaliusError } from "../../common/errors.ts";
import { placeOf } from "../../common/lazy-tensor.ts";
import type { Graph } from "../graph.ts";
import { type Tensor, tensorBytes, type TensorType } from "../../common/tensor.ts";
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

/** A tensor of a model whose bytes lie in a file beside it. */
const externalTensor = (
  name: string,
  { dtype, shape }: TensorType,
  place: { readonly location: string; readonly offset: number; readonly length: number },
): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: elementTypeCode(dtype),
    dataLocation: Location.EXTERNAL,
    externalData: Object.entries(place).map(([key, value]) => ({ key, value: String(value) })),
  });

/**
 * Encodes a graph as an ONNX model that leaves weights where they lie in files (see `placeOf`); others stand in it.
 *
 * @returns the model and the one folder that those files are in; none where no weight lies in a file
 * @throws VesaliusError `bad-argument` where weights lie in files of several folders; what `toOnnx` throws
 */
export function toMappedOnnx(
  graph: Graph,
  options: OnnxOptions,
): { readonly model: Uint8Array; readonly folder: string | undefined } {
  let folder: string | undefined;
  const mapped = (name: string, tensor: Tensor): TensorProto => {
    const place = placeOf(tensor);
    if (place === undefined) return tensorProto(name, tensor);
    folder ??= place.folder;
    if (folder !== place.folder)
      throw new VesaliusError("bad-argument", "the weights of one model lie in files of several folders", {
        where: name,
      });
    return externalTensor(name, tensor, { location: place.name, offset: place.offset, length: place.bytes });
  };
  const model = encodeModel(graph, options, { tensor: mapped });
  return { model, folder };
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
    return externalTensor(name, tensor, { location, offset: start, length: bytes.byteLength });
  };
  return { model: encodeModel(graph, options, { tensor: outside }), data };
}
