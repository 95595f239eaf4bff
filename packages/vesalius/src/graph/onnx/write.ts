import { create, toBinary } from "@bufbuild/protobuf";
import { VesaliusError } from "../../common/errors.ts";
import type { Graph } from "../graph.ts";
import { definitionOf } from "../registry.ts";
import { ancestors } from "../rewrites/rewrite.ts";
import { lower } from "../rewrites/lower.ts";
import { formatShape } from "../shapes.ts";
import { sameShape, type Tensor, type Tensors, type TensorType } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { bodiesOf, capturesAttribute, renameEncoded } from "./bodies.ts";
import { elementTypeCode } from "./data-types.ts";
import {
  type AttributeProto,
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.ts";
import { attributeProto, tensorProto } from "./node-attributes.ts";

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

/** Declares a value. Extents that only a run determines stay open. */
export function valueInfo(name: string, { dtype, shape }: TensorType): ValueInfoProto {
  const dim = shape.map((extent) =>
    extent < 0 ? {} : { value: { case: "dimValue" as const, value: BigInt(extent) } },
  );
  const isKnown = shape.length !== 1 || shape[0]! >= 0;
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: { elemType: elementTypeCode(dtype), ...(isKnown ? { shape: { dim } } : {}) },
      },
    },
  });
}

/**
 * A node's own inputs: what its bodies capture stands behind them and is not written. They end with the last one that
 * is given, since kernels of ONNX Runtime take an empty name at the end for a tensor.
 */
function ownInputs({ inputs, attributes }: Node): readonly (Value | undefined)[] {
  const captures = attributes[capturesAttribute];
  const own = captures?.kind === "strings" ? inputs.slice(0, inputs.length - captures.value.length) : inputs;
  return own.slice(0, own.findLastIndex((input) => input !== undefined) + 1);
}

/** Attributes as they are written, the bodies in them reading captured values under their present names. */
function writtenAttributes({ inputs, attributes }: Node, nameOf: (value: Value) => string): AttributeProto[] {
  const captures = attributes[capturesAttribute];
  const names = new Map(
    captures?.kind === "strings"
      ? captures.value.map((name, i) => [name, nameOf(inputs[inputs.length - captures.value.length + i]!)])
      : [],
  );
  return Object.entries(attributes)
    .filter(([name]) => name !== capturesAttribute)
    .map(([name, attribute]) => attributeProto(name, names.size > 0 ? renameEncoded(attribute, names) : attribute));
}

/** Outputs of a node up to the last one that is read or that its operator must have. */
function writtenOutputs(node: Node, live: ReadonlySet<Value>): readonly Value[] {
  const required = definitionOf(node.type, node.domain)?.requiredOutputs ?? node.outputs.length;
  let last = node.outputs.length;
  while (last > required && !live.has(node.outputs[last - 1]!)) last--;
  return node.outputs.slice(0, last);
}

/** Names of nodes as they are written: ONNX Runtime refuses two that are equal, which merged graphs may have. */
function uniqueNames(nodes: readonly Node[]): Map<Node, string> {
  const taken = new Set(nodes.map(({ name }) => name));
  const counters = new Map<string, number>();
  return new Map(
    nodes.map((node) => {
      let count = counters.get(node.name) ?? 0;
      let { name } = node;
      for (; count > 0 && taken.has(name); count++) name = `${node.name}_${count}`;
      counters.set(node.name, Math.max(count, 1));
      taken.add(name);
      return [node, name];
    }),
  );
}

/**
 * Names that differ from a value's own. Computed outputs are written under their public name, which spares a copy of
 * each; another value that has this name inside the graph makes way for it.
 */
function publicNames(graph: Graph, live: ReadonlySet<Value>): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const [name, value] of graph.outputs) if (value.kind === "node" && !names.has(value)) names.set(value, name);
  for (const value of [...live, ...graph.nodes.flatMap(({ outputs }) => outputs)]) {
    const owner = graph.outputs.get(value.name);
    if (owner === undefined || owner === value || names.has(value)) continue;
    if (value.kind === "input" || value.kind === "parameter")
      throw new VesaliusError("bad-argument", `an output and another ${value.kind} have the same name`, {
        where: value.name,
        fix: "give the output a name of its own",
      });
    let name = `${value.name}:inner`;
    while (graph.hasName(name) || graph.outputs.has(name)) name += "'";
    names.set(value, name);
  }
  return names;
}

function opsetOf(graph: Graph, wanted: number): number {
  return graph.nodes.reduce(
    (opset, node) => {
      const definition = definitionOf(node.type, node.domain);
      return Math.max(opset, definition?.sinceVersionOf?.(node) ?? definition?.sinceVersion ?? 0);
    },
    Math.max(wanted, graph.opsets.get("") ?? 0),
  );
}

/** Oldest version of the file format that knows everything of an opset. */
export function formatVersion(opset: number): bigint {
  const versions = [
    [25, 13n],
    [24, 12n],
    [23, 11n],
    [21, 10n],
    [19, 9n],
  ] as const;
  return versions.find(([since]) => opset >= since)?.[1] ?? 8n;
}

/** Protobuf does not go beyond 2 GB; what is left is room for the nodes. */
const maximumBytes = 2 ** 31 - 2 ** 24;

/** How `encodeModel` writes. */
interface Encoding {
  /** Encodes a weight or constant. */
  readonly tensor?: (name: string, tensor: Tensor) => TensorProto;
  /** Leave the outputs without types, for an engine to infer. */
  readonly undeclaredOutputs?: boolean;
}

/** Encodes a graph; see `toOnnx`. */
export function encodeModel(graph: Graph, options: OnnxOptions, encoding: Encoding = {}): Uint8Array {
  const encode = encoding.tensor ?? tensorProto;
  const wanted = Math.max(options.opset ?? 18, graph.opsets.get("") ?? 0);
  const lowered = lower(graph, wanted, options.outputs);
  const live = ancestors(lowered.outputs.values());
  const weights = options.weights ?? new Map<string, Tensor>();
  const constants = [...live].filter((value) => value.kind === "constant");
  const stored = [...lowered.parameters.values()].filter(({ name }) => weights.has(name));
  for (const { name, shape, dtype } of stored) {
    const given = weights.get(name)!;
    if (!sameShape(given.shape, shape) || given.dtype !== dtype)
      throw new VesaliusError(
        "checkpoint-mismatch",
        `weight is ${given.dtype} ${formatShape(given.shape)}, expected ${dtype} ${formatShape(shape)}`,
        { where: name },
      );
  }
  const fed = [
    ...lowered.inputs.values(),
    ...[...lowered.parameters.values()].filter(({ name }) => !weights.has(name)),
  ];
  const names = publicNames(lowered, live);
  const nameOf = (value: Value): string => names.get(value) ?? value.name;
  const nodeNames = uniqueNames(lowered.nodes);
  const node = lowered.nodes.map((source) =>
    create(NodeProtoSchema, {
      name: nodeNames.get(source)!,
      opType: source.type,
      domain: source.domain,
      input: ownInputs(source).map((input) => (input === undefined ? "" : nameOf(input))),
      output: writtenOutputs(source, live).map(nameOf),
      attribute: writtenAttributes(source, nameOf),
    }),
  );
  // An input, a constant or a value with two names cannot be renamed: a node produces the output under its own name.
  const copies = [...lowered.outputs]
    .filter(([name, value]) => nameOf(value) !== name)
    .map(([name, value]) => create(NodeProtoSchema, { opType: "Identity", input: [nameOf(value)], output: [name] }));
  const domains = new Set([
    ...lowered.nodes.map(({ domain }) => domain).filter((domain) => domain !== "" && domain !== "ai.onnx"),
    // Bodies of control flow may use domains that no node outside them does.
    ...(node.some(({ attribute }) => bodiesOf(attribute).length > 0) ? [...graph.opsets.keys()] : []),
  ]);
  domains.delete("");
  const opset = opsetOf(lowered, wanted);
  const model = create(ModelProtoSchema, {
    irVersion: formatVersion(opset),
    producerName: "vesalius",
    opsetImport: [
      { domain: "", version: BigInt(opset) },
      ...[...domains].map((domain) => ({ domain, version: BigInt(graph.opsets.get(domain) ?? 1) })),
    ],
    graph: {
      name: graph.name,
      node: [...node, ...copies],
      input: fed.map((value) => valueInfo(value.name, value)),
      output: [...lowered.outputs].map(([name, value]) =>
        encoding.undeclaredOutputs === true ? create(ValueInfoProtoSchema, { name }) : valueInfo(name, value),
      ),
      initializer: [
        ...constants.map((value) => encode(nameOf(value), value.tensor!)),
        ...stored.map(({ name }) => encode(name, weights.get(name)!)),
      ],
    },
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
  });
  const inside = model.graph!.initializer.reduce((total, { rawData }) => total + rawData.byteLength, 0);
  if (inside > maximumBytes)
    throw new VesaliusError("bad-argument", `the weights have ${inside} bytes, more than fits one ONNX file`, {
      fix: "write the weights beside the model with toOnnxFiles",
    });
  return toBinary(ModelProtoSchema, model);
}

/**
 * Encodes a graph as an ONNX model that any ONNX runtime loads: standard operators only, static shapes. The opset is
 * raised where a node needs it.
 *
 * @returns the bytes of a `.onnx` file
 * @throws VesaliusError `checkpoint-mismatch` when a stored weight has another shape or element type than its
 * parameter; `bad-argument` when the weights do not fit one file
 */
export function toOnnx(graph: Graph, options: OnnxOptions = {}): Uint8Array {
  return encodeModel(graph, options);
}
