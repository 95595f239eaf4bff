import type { DataType } from "../../common/tensor.ts";
import { type NodeProto, NodeProtoSchema } from "./generated/onnx_pb.ts";
import { changed } from "./messages.ts";

/** Oldest and newest version of ONNX's own operators whose meaning the importer knows. */
export const supportedOpsets = { oldest: 1, newest: 28 } as const;

/**
 * Newest version that nodes are written in unless their operator needs a later one: ONNX Runtime 1.30 loads models up to
 * opset 26.
 */
const plainOpset = 24;

/** An operator that came after `plainOpset`, or says more since then. */
interface LaterOperator {
  readonly since: number;
  /** Attributes that are new. */
  readonly attributes?: readonly string[];
  /** Whether a node says what it would say without what is new; never where it is left out. */
  readonly isPlain?: (node: NodeProto, dtype: DataType | undefined) => boolean;
}

const attribute = (node: NodeProto, name: string) => node.attribute.find((each) => each.name === name);
/** Integer attribute, or the default. */
const integer = (node: NodeProto, name: string, fallback: number): number =>
  Number(attribute(node, name)?.i ?? fallback);

const windows = ["left_window_size", "right_window_size"];

/**
 * What came or changed its meaning after `plainOpset`. All other operators only took further element types since then
 * (Cast, Constant, Identity, Reshape, Transpose and their like in opset 25; Celu, Compress, DepthToSpace, Einsum, OneHot,
 * QuantizeLinear, ReduceLogSum, ReverseSequence, Unique and their like in opset 28), of which none is supported here that
 * they did not take before. Source: the operator changelog of ONNX 1.23.
 */
const laterOperators: Readonly<Record<string, LaterOperator>> = {
  Attention: {
    since: 25,
    attributes: windows,
    isPlain: (node) => windows.every((name) => integer(node, name, -1) === -1),
  },
  BitCast: { since: 26 },
  CumProd: { since: 26 },
  CausalConvWithState: { since: 27 },
  LinearAttention: { since: 27 },
  Range: {
    since: 27,
    attributes: ["stash_type"],
    isPlain: (_node, dtype) => dtype !== undefined && dtype !== "float16" && dtype !== "bfloat16",
  },
  BitShift: { since: 28, isPlain: (_node, dtype) => dtype?.startsWith("uint") === true },
  Mod: {
    since: 28,
    isPlain: (node, dtype) => integer(node, "fmod", 0) === 1 || (dtype !== undefined && /^u?int/.test(dtype)),
  },
  SpaceToDepth: {
    since: 28,
    attributes: ["mode"],
    isPlain: (node) => new TextDecoder().decode(attribute(node, "mode")?.s).replace("DCR", "") === "",
  },
  SwiGLU: { since: 28 },
};

/**
 * Versions in which ONNX Runtime reads domains that a file uses and does not import: files that name none are read the
 * same way here.
 */
const assumedVersions: Readonly<Record<string, number>> = { "": plainOpset, "ai.onnx.ml": 5, "com.microsoft": 1 };

/** Version of a domain that nodes of a file are written in; undefined where the file names none and none is assumed. */
export const versionOf = (domain: string, opsets: ReadonlyMap<string, number>): number | undefined =>
  opsets.get(domain) ?? assumedVersions[domain];

/**
 * A node of ONNX's own domain and the version that it needs: no later one than it has to.
 *
 * @param dtype element type of its first input, as far as it is known
 */
export function atPlainOpset(
  node: NodeProto,
  version: number,
  dtype: DataType | undefined,
): { readonly node: NodeProto; readonly version: number } {
  if (version <= plainOpset) return { node, version };
  const later = laterOperators[node.opType];
  if (later === undefined || later.since > version) return { node, version: plainOpset };
  if (later.isPlain?.(node, dtype) !== true) return { node, version: later.since };
  const kept = node.attribute.filter(({ name }) => later.attributes?.includes(name) !== true);
  return { node: changed(NodeProtoSchema, node, { attribute: kept }), version: plainOpset };
}
