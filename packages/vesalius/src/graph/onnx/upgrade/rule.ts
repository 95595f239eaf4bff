import { create } from "@bufbuild/protobuf";
import type { DataType, Tensor } from "../../../common/tensor.ts";
import { type AttributeProto, type NodeProto, NodeProtoSchema } from "../generated/onnx_pb.ts";
import { changed } from "../messages.ts";
import { attributeProto } from "../node-attributes.ts";
import type { Attribute } from "../../value.ts";

/** What is known around a node that is rewritten in the operators of today. */
export interface UpgradeContext {
  /** Opset that the node is written in. */
  readonly version: number;
  /** Notes that the result needs at least this opset. */
  readonly requires: (version: number) => void;
  /** Makes a value name that the file does not use. */
  readonly fresh: (stem: string) => string;
  /** Element type and shape of an input; undefined inside bodies of control flow and where it is not known. */
  readonly typeOf: (name: string) => { readonly dtype: DataType; readonly shape: readonly number[] } | undefined;
}

/** Rewrites a node of an older opset; undefined where it already means the same. */
export interface UpgradeRule {
  readonly types: readonly string[];
  /** First opset whose form of the operator needs no rewriting. */
  readonly until: number;
  readonly upgrade: (node: NodeProto, context: UpgradeContext) => readonly NodeProto[] | undefined;
}

/** Attribute of a node by name. */
export const attributeNamed = (node: NodeProto, name: string): AttributeProto | undefined =>
  node.attribute.find((attribute) => attribute.name === name);

/** Integers of an attribute, exactly. */
export const integersOf = (node: NodeProto, name: string): readonly bigint[] | undefined =>
  attributeNamed(node, name)?.ints;

/** Integer attribute, or the default. */
export const integerOf = (node: NodeProto, name: string, fallback: number): number => {
  const attribute = attributeNamed(node, name);
  return attribute === undefined ? fallback : Number(attribute.i);
};

/** A node without some attributes, with others set. */
export function withAttributes(
  node: NodeProto,
  drop: readonly string[],
  set: Readonly<Record<string, Attribute>> = {},
): NodeProto {
  const kept = node.attribute.filter(({ name }) => !drop.includes(name) && !(name in set));
  return changed(NodeProtoSchema, node, {
    attribute: [...kept, ...Object.entries(set).map(([name, attribute]) => attributeProto(name, attribute))],
  });
}

/** A node with inputs replaced; gaps before the last one stay empty, as ONNX marks optional inputs. */
export function withInputs(node: NodeProto, inputs: Readonly<Record<number, string>>): NodeProto {
  const length = Math.max(node.input.length, ...Object.keys(inputs).map((position) => Number(position) + 1));
  return changed(NodeProtoSchema, node, {
    input: Array.from({ length }, (_, i) => inputs[i] ?? node.input[i] ?? ""),
  });
}

/** A new node. */
export const nodeOf = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): NodeProto =>
  create(NodeProtoSchema, {
    opType,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([name, attribute]) => attributeProto(name, attribute)),
  });

/** A Constant node. */
export const constantNode = (name: string, value: Tensor): NodeProto =>
  nodeOf("Constant", [], [name], { value: { kind: "tensor", value } });

/** Vector of int64. */
export const int64Vector = (values: readonly bigint[]): Tensor => ({
  dtype: "int64",
  shape: [values.length],
  data: BigInt64Array.from(values),
});

/** Scalar of float32. */
export const floatScalar = (value: number): Tensor => ({ dtype: "float32", shape: [], data: Float32Array.of(value) });
