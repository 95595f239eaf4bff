import { VesaliusError } from "../../common/errors.ts";
import type { Attribute, Attributes } from "../value.ts";
import { bodiesOf } from "./bodies.ts";
import { domainOf } from "./decode.ts";
import type { Inliner, Opsets } from "./functions.ts";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation as Location,
} from "./generated/onnx_pb.ts";
import { changed } from "./messages.ts";
import { attributeOf, tensorProto } from "./node-attributes.ts";
import { inReadingOrder } from "./order.ts";
import { tensorOf, type TensorSource } from "./tensor-data.ts";
import { upgradeNode } from "./upgrade/index.ts";
import { atPlainOpset, versionOf } from "./versions.ts";

/** What the bodies of control flow need when they are read. */
export interface BodyContext {
  readonly source: TensorSource;
  readonly inliner: Inliner;
  readonly fresh: (stem: string) => string;
  /** Notes that an upgraded node needs at least this opset. */
  readonly requires: (version: number) => void;
}

/** A tensor with its data in place. A body stays encoded, and an engine must not follow its path to other files. */
async function inPlace(proto: TensorProto, source: TensorSource): Promise<TensorProto> {
  if (proto.dataLocation !== Location.EXTERNAL) return proto;
  return tensorProto(proto.name, await tensorOf(proto, source));
}

async function inSequence<From, To>(items: readonly From[], each: (item: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  for (const item of items) results.push(await each(item));
  return results;
}

async function prepareAttribute(proto: AttributeProto, opsets: Opsets, context: BodyContext): Promise<AttributeProto> {
  const { source } = context;
  const sparse = [...(proto.sparseTensor === undefined ? [] : [proto.sparseTensor]), ...proto.sparseTensors];
  if (sparse.some(({ values, indices }) => [values, indices].some((part) => part?.dataLocation === Location.EXTERNAL)))
    throw new VesaliusError("bad-file", "a sparse attribute with its data in another file is not supported", {
      where: source.where,
    });
  return changed(AttributeProtoSchema, proto, {
    ...(proto.t === undefined ? {} : { t: await inPlace(proto.t, source) }),
    tensors: await inSequence(proto.tensors, (tensor) => inPlace(tensor, source)),
    ...(proto.g === undefined ? {} : { g: await prepareBody(proto.g, opsets, context) }),
    graphs: await inSequence(proto.graphs, (graph) => prepareBody(graph, opsets, context)),
  });
}

/** A body with its functions inlined, its operators upgraded and its tensors in place. */
export async function prepareBody(body: GraphProto, opsets: Opsets, context: BodyContext): Promise<GraphProto> {
  const { fresh, inliner, requires, source } = context;
  const nodes: NodeProto[] = [];
  for (const { node: read, opsets: own } of inReadingOrder(inliner.inline(body.node, opsets))) {
    const domain = domainOf(read.domain);
    const { node, version } = atPlainOpset(read, versionOf("", own)!, undefined);
    if (domain === "") requires(version);
    const upgraded = domain === "" ? upgradeNode(node, { version, fresh, requires, typeOf: () => undefined }) : [read];
    for (const part of upgraded)
      nodes.push(
        changed(NodeProtoSchema, part, {
          attribute: await inSequence(part.attribute, (attribute) => prepareAttribute(attribute, own, context)),
        }),
      );
  }
  return changed(GraphProtoSchema, body, {
    node: nodes,
    initializer: await inSequence(body.initializer, (tensor) => inPlace(tensor, source)),
    valueInfo: [],
  });
}

/** Attributes of a node, its bodies prepared and encoded. */
export async function attributesOf(node: NodeProto, opsets: Opsets, context: BodyContext) {
  const attributes: [string, Attribute][] = [];
  const bodies: GraphProto[] = [];
  for (const proto of node.attribute) {
    const prepared = await prepareAttribute(proto, opsets, context);
    bodies.push(...bodiesOf([prepared]));
    attributes.push([proto.name, await attributeOf(prepared, context.source)]);
  }
  return { attributes: Object.fromEntries(attributes) as Attributes, bodies };
}
