import { z } from "zod";
import {
  add,
  gather,
  gelu,
  type Graph,
  multiply,
  reshape,
  select,
  slice,
  subtract,
  tanh,
  type Value,
} from "../graph/index.ts";
import {
  attention,
  layerNormLayer,
  linearLayer,
  mergeHeads,
  splitHeads,
  transformerInit,
} from "./layers/transformer.ts";

/** Configuration of a BERT encoder, by the meaning of the keys in Hugging Face's `config.json`. */
export const bertConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(30522),
  width: z.int().positive().default(768),
  depth: z.int().positive().default(12),
  heads: z.int().positive().default(12),
  hiddenWidth: z.int().positive().default(3072),
  maximumPositions: z.int().positive().default(512),
  tokenTypes: z.int().positive().default(2),
  epsilon: z.number().positive().default(1e-12),
});

/** Configuration of a BERT encoder. */
export type BertConfig = z.infer<typeof bertConfigSchema>;

/** Inputs of a BERT encoder. */
export interface BertInputs {
  /** Token numbers `[batch, tokens]`, int32 or int64. */
  readonly tokens: Value;
  /** Segment numbers `[batch, tokens]`; segment 0 everywhere where it is left out. */
  readonly segments?: Value;
  /** 1 for tokens, 0 for padding, float32 `[batch, tokens]`; no padding where it is left out. */
  readonly mask?: Value;
}

function embeddings({ tokens, segments }: BertInputs, prefix: string, config: BertConfig): Value {
  const graph = tokens.graph;
  const table = (name: string, rows: number) =>
    graph.parameter(`${prefix}embeddings.${name}.weight`, [rows, config.width], transformerInit);
  const length = tokens.shape[1]!;
  const types = table("token_type_embeddings", config.tokenTypes);
  const words = gather(table("word_embeddings", config.vocabularySize), tokens);
  const places = slice(table("position_embeddings", config.maximumPositions), 0, 0, length);
  const segment = segments === undefined ? slice(types, 0, 0, 1) : gather(types, segments);
  return layerNormLayer(add(add(words, segment), places), `${prefix}embeddings.LayerNorm`, config.epsilon);
}

function layer(x: Value, name: string, config: BertConfig, bias: Value | undefined): Value {
  const project = (part: string) =>
    splitHeads(linearLayer(x, `${name}.attention.self.${part}`, config.width), config.heads);
  const context = mergeHeads(attention(project("query"), project("key"), project("value"), bias));
  const attended = layerNormLayer(
    add(linearLayer(context, `${name}.attention.output.dense`, config.width), x),
    `${name}.attention.output.LayerNorm`,
    config.epsilon,
  );
  const hidden = gelu(linearLayer(attended, `${name}.intermediate.dense`, config.hiddenWidth));
  return layerNormLayer(
    add(linearLayer(hidden, `${name}.output.dense`, config.width), attended),
    `${name}.output.LayerNorm`,
    config.epsilon,
  );
}

/** Padding mask `[batch, tokens]` as numbers added to attention scores `[batch, 1, 1, tokens]`. */
export function paddingBias(mask: Value): Value {
  const graph: Graph = mask.graph;
  // Finite, so that a row of nothing but padding gives a uniform softmax instead of NaN.
  return reshape(multiply(subtract(graph.scalar(1), mask), -3.4028234663852886e38), [
    mask.shape[0]!,
    1,
    1,
    mask.shape[1]!,
  ]);
}

/**
 * BERT encoder (Devlin et al. 2019) with the parameter names of Hugging Face's checkpoints.
 *
 * @param prefix of the parameter names, `bert.` in task models
 * @returns hidden states `[batch, tokens, width]`
 */
export function bertEncoder(inputs: BertInputs, config: BertConfig, prefix = "bert."): Value {
  const bias = inputs.mask === undefined ? undefined : paddingBias(inputs.mask);
  let x = embeddings(inputs, prefix, config);
  for (let i = 0; i < config.depth; i++) x = layer(x, `${prefix}encoder.layer.${i}`, config, bias);
  return x;
}

/**
 * The pooled first token: `tanh(linear(x[:, 0]))`.
 *
 * @param hidden `[batch, tokens, width]`
 * @returns `[batch, width]`
 */
export const bertPooler = (hidden: Value, config: BertConfig, prefix = "bert."): Value =>
  tanh(linearLayer(select(hidden, 1, 0), `${prefix}pooler.dense`, config.width));

/** Sequence classification head on the pooled token: `classifier.weight` `[classes, width]`. Returns logits. */
export const bertClassifier = (pooled: Value, classes: number): Value => linearLayer(pooled, "classifier", classes);
