import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  concat,
  copyNode,
  expand,
  Graph,
  integers,
  matMul,
  type Node,
  reshape,
  rewrite,
  select,
  slice,
  tanh,
  transpose,
  type Value,
} from "../../graph/index.ts";
import { linearLayer } from "../../models/index.ts";
import { type AdaptedGraph, addedParameters } from "../adapted-graph.ts";
import { promptInit, promptParameter } from "./prompt-tuning.ts";

/** Settings of prefix tuning; names and meaning as in PEFT's `PrefixTuningConfig`. */
export const prefixTuningSchema = z.strictObject({
  /** Number of learned keys and values in each attention. */
  virtualTokens: z.int().positive().default(20),
  /** Compute the prefixes by a perceptron of this hidden width instead of learning them directly. */
  projectionWidth: z.int().positive().optional(),
  /** Name of the table of learned positions, where the text has to start behind the prefix. */
  positions: z.string().min(1).optional(),
});

/** Settings of prefix tuning. */
export type PrefixTuningConfig = z.infer<typeof prefixTuningSchema>;

/** One attention of a graph: the product that makes its scores, and its softmax. */
interface Attention {
  readonly softmax: Node;
  /** `[batch, heads, queries, keys]` */
  readonly scores: Value;
  readonly headWidth: number;
}

/** The product of queries and keys behind a softmax, through what is added to it. */
function scoreProduct(value: Value): Node | undefined {
  const node = value.node;
  if (node?.type === "Add" || node?.type === "Identity")
    return node.inputs[0] === undefined ? undefined : scoreProduct(node.inputs[0]);
  return node?.type === "MatMul" ? node : undefined;
}

/** All attentions in the order of the layers: softmaxes of a product over four axes that multiply values. */
function findAttentions(graph: Graph): Attention[] {
  const multiplied = new Set(graph.nodes.filter(({ type }) => type === "MatMul").map(({ inputs }) => inputs[0]));
  return graph.nodes.flatMap((softmax) => {
    const scores = softmax.type === "Softmax" ? softmax.inputs[0] : undefined;
    if (scores?.rank !== 4 || !multiplied.has(softmax.outputs[0])) return [];
    const query = scoreProduct(scores)?.inputs[0];
    return query === undefined ? [] : [{ softmax, scores, headWidth: query.shape[3]! }];
  });
}

/** What the prefixes hold, `[virtualTokens, layers * 2 * width]`: for each layer keys, then values. */
function prefixRows(target: Graph, attentions: readonly Attention[], config: PrefixTuningConfig): Value {
  const { virtualTokens, projectionWidth } = config;
  const heads = attentions[0]!.scores.shape[1]!;
  const { headWidth } = attentions[0]!;
  const parts = 2 * attentions.length;
  const width = heads * headWidth;
  const rowWidth = projectionWidth === undefined ? parts * width : width;
  let rows = target.parameter(promptParameter, [virtualTokens, rowWidth], promptInit);
  if (projectionWidth !== undefined) {
    const hidden = tanh(linearLayer(rows, "prompt_encoder.transform.0", projectionWidth));
    rows = linearLayer(hidden, "prompt_encoder.transform.2", parts * width);
  }
  return rows;
}

/** Keys and values of every layer, `[layers * 2, heads, virtualTokens, headWidth]`, keys before values. */
function prefixes(target: Graph, attentions: readonly Attention[], config: PrefixTuningConfig): Value {
  const heads = attentions[0]!.scores.shape[1]!;
  const rows = prefixRows(target, attentions, config);
  const parts = [config.virtualTokens, 2 * attentions.length, heads, attentions[0]!.headWidth];
  return transpose(reshape(rows, parts), [1, 2, 0, 3]);
}

/** Computes what a perceptron makes of its vectors, which is all that is needed once it is trained. */
function settleGraph(attentions: readonly Attention[], config: PrefixTuningConfig): Graph {
  const graph = new Graph("prefixes");
  graph.output(`${promptParameter}.settled`, prefixRows(graph, attentions, config));
  return graph;
}

/** A cut of the table of positions, moved behind the prefix. */
function movedPositions(node: Node, table: Value, virtualTokens: number): Value {
  const [start, end] = [node.inputs[1]?.tensor, node.inputs[2]?.tensor];
  const [first, last] = [start && integers(start)[0], end && integers(end)[0]];
  const rows = table.shape[0]!;
  if (first === undefined || last === undefined || last + virtualTokens > rows)
    throw new VesaliusError("shape-mismatch", `no room for ${virtualTokens} prefix tokens in ${rows} positions`, {
      where: table.name,
      fix: "use a shorter text or fewer virtual tokens",
    });
  return slice(table, 0, first + virtualTokens, last + virtualTokens);
}

/**
 * Prefix tuning (Li and Liang 2021) as a graph rewrite: in every attention, learned keys and values stand in front of
 * those of the tokens, and every token sees them. Parameters are named as in PEFT: `prompt_encoder.embedding.weight`,
 * with a projection also `prompt_encoder.transform.0` and `.2`.
 *
 * @throws VesaliusError `bad-configuration` when the graph has no attention, or attentions of different sizes;
 * `shape-mismatch` when positions do not reach behind the prefix
 */
export function applyPrefixTuning(graph: Graph, config: PrefixTuningConfig): AdaptedGraph {
  const attentions = findAttentions(graph);
  const sizes = new Set(attentions.map(({ scores, headWidth }) => `${scores.shape[1]} heads of ${headWidth}`));
  if (sizes.size !== 1)
    throw new VesaliusError(
      "bad-configuration",
      sizes.size === 0
        ? "the graph has no attention that a prefix could join"
        : `prefixes need attentions of one size, found: ${[...sizes].join(", ")}`,
    );
  const { virtualTokens } = config;
  const layers = new Map(attentions.map(({ softmax }, layer) => [softmax, layer]));
  const probabilities = new Map(attentions.map(({ softmax }, layer) => [softmax.outputs[0]!, layer]));
  let all: Value | undefined;
  const part = (target: Graph, index: number): Value => {
    all ??= prefixes(target, attentions, config);
    return select(all, 0, index);
  };
  const result = rewrite(graph, {
    node: (node, inputs, target) => {
      if (node.type === "Slice" && config.positions !== undefined && node.inputs[0]?.name === config.positions)
        return [movedPositions(node, inputs[0]!, virtualTokens)];
      const layer = layers.get(node);
      if (layer !== undefined) {
        const query = scoreProduct(inputs[0]!)!.inputs[0]!;
        const scores = matMul(query, transpose(part(target, 2 * layer), [0, 2, 1]));
        return target.node("Softmax", [concat([scores, inputs[0]!], 3)], { attributes: node.attributes });
      }
      const values = node.type === "MatMul" ? probabilities.get(node.inputs[0]!) : undefined;
      if (values === undefined) return undefined;
      const [batch, heads, , headWidth] = inputs[1]!.shape as [number, number, number, number];
      const prefix = expand(part(target, 2 * values + 1), [batch, heads, virtualTokens, headWidth]);
      return copyNode(node, [inputs[0], concat([prefix, inputs[1]!], 2)], target);
    },
  }).graph;
  const heads = attentions[0]!.scores.shape[1]!;
  return {
    graph: result,
    parameters: addedParameters(graph, result),
    ...(config.projectionWidth === undefined ? {} : { settle: settleGraph(attentions, config) }),
    peft: {
      token_dim: heads * attentions[0]!.headWidth,
      num_attention_heads: heads,
      num_layers: attentions.length,
      encoder_hidden_size: config.projectionWidth ?? heads * attentions[0]!.headWidth,
    },
  };
}
