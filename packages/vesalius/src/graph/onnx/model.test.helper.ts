import { create, toBinary } from "@bufbuild/protobuf";
import { type DataType, float32, type Tensor, type Tensors } from "../../common/tensor.ts";
import type { Attribute } from "../value.ts";
import { elementTypeCode } from "./data-types.ts";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type FunctionProto,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.ts";
import { tensorProto } from "./node-attributes.ts";
import { nodeOf } from "./upgrade/rule.ts";

/** Declares a value; a dimension is an extent, a name, or undefined where it has neither. */
export function info(name: string, dtype: DataType, shape?: readonly (number | string | undefined)[]): ValueInfoProto {
  const dim = shape?.map((extent) => ({
    value:
      typeof extent === "number"
        ? { case: "dimValue" as const, value: BigInt(extent) }
        : typeof extent === "string"
          ? { case: "dimParam" as const, value: extent }
          : { case: undefined },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: { elemType: elementTypeCode(dtype), ...(dim === undefined ? {} : { shape: { dim } }) },
      },
    },
  });
}

/** A node with attributes. */
export const node = (
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): NodeProto => nodeOf(type, inputs, outputs, attributes);

/** A node of another domain. */
export const foreignNode = (domain: string, ...args: Parameters<typeof node>): NodeProto =>
  Object.assign(node(...args), { domain });

/** A node with a body in an attribute. */
export function withBody(target: NodeProto, name: string, body: GraphProto): NodeProto {
  target.attribute.push(create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: body }));
  return target;
}

/** Parts of a graph. */
export interface GraphParts {
  readonly nodes: readonly NodeProto[];
  readonly inputs?: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  readonly rawInitializers?: readonly TensorProto[];
  readonly valueInfo?: readonly ValueInfoProto[];
}

/** A graph of a file, or a body. */
export const graphOf = (parts: GraphParts): GraphProto =>
  create(GraphProtoSchema, {
    name: "test",
    node: [...parts.nodes],
    input: [...(parts.inputs ?? [])],
    output: [...parts.outputs],
    initializer: [
      ...Object.entries(parts.initializers ?? {}).map(([name, tensor]) => tensorProto(name, tensor)),
      ...(parts.rawInitializers ?? []),
    ],
    valueInfo: [...(parts.valueInfo ?? [])],
  });

/** Bytes of a model file. */
export const modelBytes = (
  parts: GraphParts,
  opset = 18,
  more: { readonly functions?: readonly FunctionProto[]; readonly domains?: Readonly<Record<string, number>> } = {},
): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [
        { domain: "", version: BigInt(opset) },
        ...Object.entries(more.domains ?? {}).map(([domain, version]) => ({ domain, version: BigInt(version) })),
      ],
      functions: [...(more.functions ?? [])],
      graph: graphOf(parts),
    }),
  );

/** A float32 tensor [2, 3]. */
export const x23 = float32([2, 3], [1, -2, 3, -4, 5, -6]);

/** Feeds of one input. */
export const feed = (tensor: Tensor, name = "x"): Tensors => new Map([[name, tensor]]);

/** A scalar bool. */
export const bool = (value: boolean): Tensor => ({ dtype: "bool", shape: [], data: Uint8Array.of(value ? 1 : 0) });

/** A vector of int64. */
export const int64 = (...values: number[]): Tensor => ({
  dtype: "int64",
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
