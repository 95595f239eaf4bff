import { create } from "@bufbuild/protobuf";
import { VesaliusError } from "../../common/errors.ts";
import { renameNode } from "./bodies.ts";
import { domainOf, opsetsOf } from "./decode.ts";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from "./generated/onnx_pb.ts";
import { changed } from "./messages.ts";

/** Versions of the operator domains that a list of nodes is written in. */
export type Opsets = ReadonlyMap<string, number>;

/** A node with the operator versions of the function or model that it stands in. */
export interface VersionedNode {
  readonly node: NodeProto;
  readonly opsets: Opsets;
}

/** Functions of functions of functions: more than this is a cycle or an attack. */
const maximumDepth = 32;
/** Nodes after inlining; a chain of functions that each call the next one twice would grow without end. */
const maximumNodes = 1_000_000;

const keyOf = (domain: string, name: string, overload: string): string => `${domainOf(domain)}|${name}|${overload}`;

/** Model-local functions by what calls them. */
export type Functions = ReadonlyMap<string, FunctionProto>;

/** Collects the functions that a model brings along. */
export const functionsOf = (functions: readonly FunctionProto[]): Functions =>
  new Map(functions.map((body) => [keyOf(body.domain, body.name, body.overload), body]));

/** Replaces references to the attributes of the function by those of the call; optional ones vanish. */
function bindAttributes(attributes: readonly AttributeProto[], call: ReadonlyMap<string, AttributeProto>) {
  return attributes.flatMap((proto): AttributeProto[] => {
    if (proto.refAttrName !== "") {
      const given = call.get(proto.refAttrName);
      return given === undefined ? [] : [changed(AttributeProtoSchema, given, { name: proto.name })];
    }
    if (proto.g === undefined && proto.graphs.length === 0) return [proto];
    const bound = (graph: GraphProto): GraphProto =>
      changed(GraphProtoSchema, graph, {
        node: graph.node.map((node) =>
          changed(NodeProtoSchema, node, { attribute: bindAttributes(node.attribute, call) }),
        ),
      });
    const graphs = { ...(proto.g ? { g: bound(proto.g) } : {}), graphs: proto.graphs.map(bound) };
    return [changed(AttributeProtoSchema, proto, graphs)];
  });
}

/** Writes calls of model-local functions out, keeping for each node the operator versions that it was written in. */
export class Inliner {
  readonly #functions: Functions;
  readonly #fresh: (stem: string) => string;
  readonly #where: string;
  #nodes = 0;

  constructor(functions: Functions, fresh: (stem: string) => string, where: string) {
    this.#functions = functions;
    this.#fresh = fresh;
    this.#where = where;
  }

  /**
   * Inlines a list of nodes; bodies of control flow keep their calls until they are inlined themselves.
   *
   * @throws VesaliusError `bad-file` where functions call each other without end
   */
  inline(nodes: readonly NodeProto[], opsets: Opsets, depth = 0): VersionedNode[] {
    if (depth > maximumDepth)
      throw new VesaliusError("bad-file", "the functions of the model call each other without end", {
        where: this.#where,
      });
    return nodes.flatMap((node) => {
      const body = this.#functions.get(keyOf(node.domain, node.opType, node.overload));
      if (body !== undefined) return this.#call(node, body, opsets, depth);
      if (++this.#nodes > maximumNodes)
        throw new VesaliusError("bad-file", `the model has more than ${maximumNodes} nodes`, { where: this.#where });
      return [{ node, opsets }];
    });
  }

  #call(call: NodeProto, body: FunctionProto, opsets: Opsets, depth: number): VersionedNode[] {
    const names = new Map<string, string>();
    body.input.forEach((name, i) => names.set(name, call.input[i] ?? ""));
    body.output.forEach((name, i) => {
      // An output that is also an input of the function is passed on by an Identity.
      if (!names.has(name)) names.set(name, call.output[i] || this.#fresh(name));
    });
    for (const { output } of body.node)
      for (const name of output) if (name !== "" && !names.has(name)) names.set(name, this.#fresh(name));
    const given = new Map([...body.attributeProto, ...call.attribute].map((proto) => [proto.name, proto]));
    const nodes = body.node.map((node) =>
      changed(NodeProtoSchema, renameNode(node, names, bindAttributes(node.attribute, given)), {
        name: `${call.name || call.opType}/${node.name || node.opType}`,
      }),
    );
    const passed = body.output.flatMap((name, i) =>
      body.input.includes(name) && call.output[i]
        ? [create(NodeProtoSchema, { opType: "Identity", input: [names.get(name)!], output: [call.output[i]] })]
        : [],
    );
    // What a function does not import it has of its caller.
    const own = new Map([...opsets, ...opsetsOf(body.opsetImport)]);
    return this.inline([...nodes, ...passed], own, depth + 1);
  }
}
