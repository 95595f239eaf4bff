import { VesaliusError } from "../../common/errors.ts";
import { add, matMul, multiply, reduceSum, reshape, softmax, subtract, transpose, where } from "../functions/index.ts";
import { formatShape } from "../shapes.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import type { TensorType } from "../../common/tensor.ts";
import { unbroadcast } from "./broadcasting.ts";
import { type InferenceContext, numberAttribute, type OperatorDefinition, requireInput } from "./definition.ts";

/** Extents of an attention whose operands are `[batch, heads, tokens, width]` or `[batch, tokens, heads * width]`. */
interface Extents {
  readonly batch: number;
  readonly heads: number;
  /** Heads of keys and values, each of which serves as many neighbouring heads of the queries. */
  readonly keyHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
}

/** Positions of the optional inputs of keys and values from earlier calls. */
const past = [4, 5] as const;

function extentsOf([q, k, v]: readonly (Value | undefined)[], attributes: Attributes): Extents {
  const shapes = [q!, k!, v!].map(({ shape }) => shape);
  const rank = shapes[0]!.length;
  const counts = [numberAttribute(attributes, "q_num_heads", 0), numberAttribute(attributes, "kv_num_heads", 0)];
  const split = (shape: readonly number[], heads: number): readonly number[] =>
    rank === 4 ? shape : [shape[0]!, heads, shape[1]!, shape[2]! / heads];
  const [queries, keys, values] = [
    split(shapes[0]!, counts[0]!),
    split(shapes[1]!, counts[1]!),
    split(shapes[2]!, counts[1]!),
  ];
  const fits =
    shapes.every((shape) => shape.length === rank && (rank === 4 || rank === 3)) &&
    [queries, keys, values].flat().every(Number.isInteger) &&
    queries[0] === keys[0] &&
    keys[0] === values[0] &&
    keys[1] === values[1] &&
    keys[2] === values[2] &&
    queries[3] === keys[3] &&
    Number.isInteger(queries[1]! / keys[1]!);
  if (!fits)
    throw new VesaliusError(
      "shape-mismatch",
      `queries, keys and values of shapes ${shapes.map(formatShape).join(", ")} do not go together`,
    );
  return {
    batch: queries[0]!,
    heads: queries[1]!,
    keyHeads: keys[1]!,
    queries: queries[2]!,
    keys: keys[2]!,
    width: queries[3]!,
    valueWidth: values[3]!,
  };
}

function inferAttention({ inputs, attributes, outputCount, type }: InferenceContext): readonly TensorType[] {
  const operands = [0, 1, 2].map((i) => requireInput(inputs, i, type));
  const { batch, heads, keyHeads, queries, keys, width, valueWidth } = extentsOf(operands, attributes);
  const { dtype } = operands[0]!;
  const before = inputs[past[0]]?.shape[2] ?? 0;
  const shape = operands[0]!.rank === 4 ? [batch, heads, queries, valueWidth] : [batch, queries, heads * valueWidth];
  return [
    { dtype, shape },
    { dtype, shape: [batch, keyHeads, before + keys, width] },
    { dtype, shape: [batch, keyHeads, before + keys, valueWidth] },
    { dtype, shape: [batch, heads, queries, before + keys] },
  ].slice(0, outputCount);
}

/** `[batch, keyHeads, heads of each, tokens, width]` of an operand, and the way back. */
function inHeads(x: Value, batch: number, keyHeads: number, each: number): Value {
  if (x.rank === 4) return reshape(x, [batch, keyHeads, each, x.shape[2]!, x.shape[3]!]);
  const [, tokens, hidden] = x.shape as [number, number, number];
  const width = hidden / (keyHeads * each);
  return transpose(reshape(x, [batch, tokens, keyHeads, each, width]), [0, 2, 3, 1, 4]);
}

const fromHeads = (x: Value, like: Value): Value =>
  reshape(like.rank === 4 ? x : transpose(x, [0, 3, 1, 2, 4]), like.shape);

const swapped = (x: Value): Value => transpose(x, [0, 1, 2, 4, 3]);

/** The most negative number of 32 bits: a row of nothing but masked scores stays a row of numbers. */
const masked = -3.4028234663852886e38;

/** What is refused of attention in training, with what to do instead. */
function requireDifferentiable({ node, inputs }: GradientContext): void {
  const what = past.some((position) => inputs[position] !== undefined)
    ? "with keys and values of earlier calls"
    : numberAttribute(node.attributes, "softcap", 0) !== 0
      ? "with a soft cap"
      : inputs[6] !== undefined
        ? "with numbers of keys that are not padding"
        : undefined;
  if (what === undefined) return;
  throw new VesaliusError("not-differentiable", `an Attention ${what} has no gradient rule`, {
    where: node.name,
    fix: "export the model for training: without a cache, and with attention written as MatMul and Softmax",
  });
}

/**
 * Gradient of scaled dot-product attention, softmax(scale Q K' + mask) V, with the probabilities computed again. Scores that
 * a mask of truth values or the causal order rules out get none.
 */
function attentionGradient(context: GradientContext): readonly (Value | undefined)[] {
  requireDifferentiable(context);
  const { node, inputs, outputGradients, needed } = context;
  const [q, k, v, mask] = inputs as [Value, Value, Value, Value | undefined];
  const { batch, heads, keyHeads, queries, keys, width } = extentsOf(inputs, node.attributes);
  const each = heads / keyHeads;
  const { graph } = q;
  const scale = numberAttribute(node.attributes, "scale", 1 / Math.sqrt(width));
  const [query, key, value] = [
    inHeads(q, batch, keyHeads, each),
    inHeads(k, batch, keyHeads, 1),
    inHeads(v, batch, keyHeads, 1),
  ];
  let scores = multiply(matMul(query, swapped(key)), scale);
  const rules: Value[] = [];
  // A mask is broadcast to [batch, heads, queries, keys].
  const maskHeads = mask === undefined ? [] : [...Array(4 - mask.rank).fill(1), ...mask.shape];
  if (mask !== undefined) {
    const [rows, ofHeads, ...rest] = maskHeads as [number, number, number, number];
    const spread = reshape(mask, ofHeads === 1 ? [rows, 1, 1, ...rest] : [rows, keyHeads, each, ...rest]);
    if (mask.dtype === "bool") rules.push(spread);
    else scores = add(scores, spread);
  }
  if (numberAttribute(node.attributes, "is_causal", 0) !== 0) {
    const data = Uint8Array.from({ length: queries * keys }, (_, i) => Number(i % keys <= Math.floor(i / keys)));
    rules.push(graph.constant({ dtype: "bool", shape: [1, 1, 1, queries, keys], data }));
  }
  const ruled = (x: Value, other: number): Value =>
    rules.reduce((changed, seen) => where(seen, changed, graph.scalar(other, x.dtype)), x);
  const probabilities = softmax(ruled(scores, masked));
  const dy = inHeads(outputGradients[0]!, batch, keyHeads, each);
  const ofProbabilities = matMul(dy, swapped(value));
  const weighted = multiply(ofProbabilities, probabilities);
  const ofScores = ruled(subtract(weighted, multiply(probabilities, reduceSum(weighted, [4]))), 0);
  const scaled = multiply(ofScores, scale);
  const summed = (x: Value, like: Value): Value => unbroadcast(x, like.shape);
  return [
    needed[0] ? fromHeads(matMul(scaled, key), q) : undefined,
    needed[1] ? fromHeads(summed(matMul(swapped(scaled), query), key), k) : undefined,
    needed[2] ? fromHeads(summed(matMul(swapped(probabilities), dy), value), v) : undefined,
    needed[3] && mask !== undefined && mask.dtype !== "bool"
      ? reshape(unbroadcast(reshape(ofScores, [batch, heads, queries, keys]), maskHeads), mask.shape)
      : undefined,
  ];
}

/** Scaled dot-product attention as one operator, with grouped heads, masks and a cache. */
export const attentionOperators: readonly OperatorDefinition[] = [
  {
    type: "Attention",
    sinceVersion: 23,
    infer: inferAttention,
    gradient: attentionGradient,
    differentiableOutputs: 1,
    requiredOutputs: 1,
  },
];
