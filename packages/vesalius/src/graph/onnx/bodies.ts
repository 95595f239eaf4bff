import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Attribute } from "../value.ts";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.ts";
import { changed } from "./messages.ts";

/**
 * If, Loop and Scan read values of the graph around them without naming them as inputs. In our graph these stand behind
 * the operator's own inputs, so that rewriting sees them, and this attribute lists the names that the bodies use for
 * them. The colon keeps it apart from any name that ONNX allows.
 */
export const capturesAttribute = "vesalius:captures";

/** Bodies of a node: the graphs in its attributes. */
export const bodiesOf = (attributes: readonly AttributeProto[]): GraphProto[] =>
  attributes.flatMap(({ g, graphs }) => (g === undefined ? graphs : [g, ...graphs]));

/** Names that a graph defines itself. */
function definedNames(graph: GraphProto): Set<string> {
  return new Set([
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.sparseInitializer.map(({ values }) => values?.name ?? ""),
    ...graph.node.flatMap(({ output }) => output),
  ]);
}

/** Names that bodies use and do not define, in the order of their first use. */
export function capturedNames(bodies: readonly GraphProto[]): string[] {
  const found = new Set<string>();
  for (const body of bodies) {
    const own = definedNames(body);
    const used = [
      ...body.node.flatMap(({ input, attribute }) => [...input, ...capturedNames(bodiesOf(attribute))]),
      ...body.output.map(({ name }) => name),
    ];
    for (const name of used) if (name !== "" && !own.has(name)) found.add(name);
  }
  return [...found];
}

/** Every name that appears in a graph or in the bodies inside it. */
export function allNames(graph: GraphProto, into = new Set<string>()): Set<string> {
  for (const name of definedNames(graph)) into.add(name);
  for (const { input, attribute } of graph.node) {
    for (const name of input) into.add(name);
    for (const body of bodiesOf(attribute)) allNames(body, into);
  }
  return into;
}

type Renaming = ReadonlyMap<string, string>;

/** Renames what a node reads, defines and captures; `attribute` replaces the attributes themselves. */
export function renameNode(node: NodeProto, names: Renaming, attribute = node.attribute): NodeProto {
  const rename = (name: string): string => names.get(name) ?? name;
  return changed(NodeProtoSchema, node, {
    input: node.input.map(rename),
    output: node.output.map(rename),
    attribute: attribute.map((proto) => renameAttribute(proto, names)),
  });
}

function renameAttribute(proto: AttributeProto, names: Renaming): AttributeProto {
  if (proto.g === undefined && proto.graphs.length === 0) return proto;
  return changed(AttributeProtoSchema, proto, {
    ...(proto.g === undefined ? {} : { g: renameCaptures(proto.g, names) }),
    graphs: proto.graphs.map((graph) => renameCaptures(graph, names)),
  });
}

/**
 * Renames what a body captures. A name of its own that would hide one of the new names is renamed too, since names have
 * to be unique across a graph and its bodies.
 */
function renameCaptures(body: GraphProto, names: Renaming): GraphProto {
  const own = definedNames(body);
  const taken = new Set([...names.values(), ...allNames(body)]);
  const visible = new Map([...names].filter(([name]) => !own.has(name)));
  const hidden = new Set(visible.values());
  for (const name of own)
    if (name !== "" && hidden.has(name)) {
      let fresh = `${name}_inner`;
      while (taken.has(fresh)) fresh = `${fresh}_`;
      taken.add(fresh);
      visible.set(name, fresh);
    }
  if (visible.size === 0) return body;
  const rename = (name: string): string => visible.get(name) ?? name;
  return changed(GraphProtoSchema, body, {
    node: body.node.map((node) => renameNode(node, visible)),
    input: body.input.map((info) => changed(ValueInfoProtoSchema, info, { name: rename(info.name) })),
    output: body.output.map((info) => changed(ValueInfoProtoSchema, info, { name: rename(info.name) })),
    initializer: body.initializer.map((tensor) => changed(TensorProtoSchema, tensor, { name: rename(tensor.name) })),
    valueInfo: [],
  });
}

/** Renames what the body in an encoded attribute captures; other attributes come back as they are. */
export function renameEncoded(attribute: Attribute, names: Renaming): Attribute {
  if (attribute.kind !== "encoded") return attribute;
  const proto = fromBinary(AttributeProtoSchema, attribute.value);
  return { kind: "encoded", value: toBinary(AttributeProtoSchema, renameAttribute(proto, names)) };
}
