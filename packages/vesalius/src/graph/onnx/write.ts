import { create, toBinary } from "@bufbuild/protobuf";
import { VesaliusError } from "../../common/errors.ts";
import type { Graph } from "../graph.ts";
import { definitionOf } from "../registry.ts";
import { ancestors } from "../rewrites/rewrite.ts";
import { lower } from "../rewrites/lower.ts";
import { type Tensor, tensorBytes, type Tensors, type TensorType } from "../tensor.ts";
import type { Attribute, Node, Value } from "../value.ts";
import { elementTypeCode } from "./data-types.ts";
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.ts";

/** Options of `toOnnx`. */
export interface OnnxOptions {
  /** Weights to store in the file. A parameter without an entry here becomes an input of the model. */
  readonly weights?: Tensors;
  /** Opset of the file, 18 by default; operators that are younger are written out in older ones where that is known. */
  readonly opset?: number;
  /** Outputs to keep, all by default. */
  readonly outputs?: readonly string[];
  /** Key-value pairs stored with the model. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const text = new TextEncoder();

/** Encodes a tensor as ONNX stores it. */
export function tensorProto(name: string, tensor: Tensor) {
  const dims = tensor.shape.map(BigInt);
  const dataType = elementTypeCode(tensor.dtype);
  if (Array.isArray(tensor.data))
    return create(TensorProtoSchema, { name, dims, dataType, stringData: tensor.data.map((s) => text.encode(s)) });
  return create(TensorProtoSchema, { name, dims, dataType, rawData: tensorBytes(tensor) });
}

function attributeProto(name: string, attribute: Attribute) {
  switch (attribute.kind) {
    case "int":
      return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(attribute.value) });
    case "float":
      return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: attribute.value });
    case "string":
      return create(AttributeProtoSchema, { name, type: Kind.STRING, s: text.encode(attribute.value) });
    case "ints":
      return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: attribute.value.map(BigInt) });
    case "floats":
      return create(AttributeProtoSchema, { name, type: Kind.FLOATS, floats: [...attribute.value] });
    case "strings":
      return create(AttributeProtoSchema, {
        name,
        type: Kind.STRINGS,
        strings: attribute.value.map((s) => text.encode(s)),
      });
    case "tensor":
      return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: tensorProto("", attribute.value) });
    default:
      throw new VesaliusError("unsupported-operator", "attributes that hold graphs cannot be written yet", {
        where: name,
      });
  }
}

function valueInfo(name: string, { dtype, shape }: TensorType) {
  const dim = shape.map((extent) => ({ value: { case: "dimValue" as const, value: BigInt(extent) } }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType: elementTypeCode(dtype), shape: { dim } } } },
  });
}

/** Inputs up to the last one that is given: kernels of ONNX Runtime take an empty name at the end for a tensor. */
const givenInputs = ({ inputs }: Node): readonly (Value | undefined)[] =>
  inputs.slice(0, inputs.findLastIndex((input) => input !== undefined) + 1);

/** Outputs of a node up to the last one that is read or that its operator must have. */
function writtenOutputs(node: Node, live: ReadonlySet<Value>): readonly Value[] {
  const required = definitionOf(node.type, node.domain)?.requiredOutputs ?? node.outputs.length;
  let last = node.outputs.length;
  while (last > required && !live.has(node.outputs[last - 1]!)) last--;
  return node.outputs.slice(0, last);
}

/** Computed outputs are written under their public name, which spares a copy of each. */
function outputNames(graph: Graph): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const [name, value] of graph.outputs)
    if (value.kind === "node" && !names.has(value) && !(graph.hasName(name) && value.name !== name))
      names.set(value, name);
  return names;
}

function opsetOf(graph: Graph, wanted: number): number {
  return graph.nodes.reduce(
    (opset, node) => Math.max(opset, definitionOf(node.type, node.domain)?.sinceVersion ?? 0),
    wanted,
  );
}

/**
 * Encodes a graph as an ONNX model that any ONNX runtime loads: standard operators only, static shapes.
 *
 * @returns the bytes of a `.onnx` file
 * @throws VesaliusError `checkpoint-mismatch` when a stored weight has another shape than its parameter
 */
export function toOnnx(graph: Graph, options: OnnxOptions = {}): Uint8Array {
  const lowered = lower(graph, options.opset ?? 18, options.outputs);
  const live = ancestors(lowered.outputs.values());
  const weights = options.weights ?? new Map<string, Tensor>();
  const constants = [...live].filter((value) => value.kind === "constant");
  const stored = [...lowered.parameters.values()].filter(({ name }) => weights.has(name));
  for (const { name, shape } of stored) {
    const given = weights.get(name)!.shape;
    if (given.length !== shape.length || given.some((extent, axis) => extent !== shape[axis]))
      throw new VesaliusError(
        "checkpoint-mismatch",
        `weight has shape [${given.join(", ")}], expected [${shape.join(", ")}]`,
        { where: name },
      );
  }
  const fed = [
    ...lowered.inputs.values(),
    ...[...lowered.parameters.values()].filter(({ name }) => !weights.has(name)),
  ];
  const names = outputNames(lowered);
  const nameOf = (value: Value): string => names.get(value) ?? value.name;
  const node = lowered.nodes.map((source) =>
    create(NodeProtoSchema, {
      name: source.name,
      opType: source.type,
      domain: source.domain,
      input: givenInputs(source).map((input) => (input === undefined ? "" : nameOf(input))),
      output: writtenOutputs(source, live).map(nameOf),
      attribute: Object.entries(source.attributes).map(([name, attribute]) => attributeProto(name, attribute)),
    }),
  );
  // An input, a constant or a value with two names cannot be renamed: a node produces the output under its own name.
  const copies = [...lowered.outputs]
    .filter(([name, value]) => nameOf(value) !== name)
    .map(([name, value]) => create(NodeProtoSchema, { opType: "Identity", input: [nameOf(value)], output: [name] }));
  const domains = new Set(
    lowered.nodes.map(({ domain }) => domain).filter((domain) => domain !== "" && domain !== "ai.onnx"),
  );
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: "vesalius",
    opsetImport: [
      { domain: "", version: BigInt(opsetOf(lowered, options.opset ?? 18)) },
      ...[...domains].map((domain) => ({ domain, version: 1n })),
    ],
    graph: {
      name: graph.name,
      node: [...node, ...copies],
      input: fed.map((value) => valueInfo(value.name, value)),
      output: [...lowered.outputs].map(([name, value]) => valueInfo(name, value)),
      initializer: [
        ...constants.map((value) => tensorProto(value.name, value.tensor!)),
        ...stored.map(({ name }) => tensorProto(name, weights.get(name)!)),
      ],
    },
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}
