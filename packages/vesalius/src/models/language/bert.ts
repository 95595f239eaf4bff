import { z } from "zod";
import { add, gather, gelu, linear, select, slice, tanh, type Value } from "../../graph/index.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { layerNormLayer, linearLayer, transformerInit } from "../layers/linear.ts";
import { paddingBias } from "../layers/masks.ts";
import { postNormAttention, postNormFeedForward } from "../layers/post-norm.ts";

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
  /** Token whose vector gets no gradient from the look-up; null for none. */
  paddingToken: z.int().nonnegative().nullable().default(0),
});

/** Configuration of a BERT encoder. */
export type BertConfig = z.infer<typeof bertConfigSchema>;

const huggingFaceSchema = z.object({
  vocab_size: z.int(),
  hidden_size: z.int(),
  num_hidden_layers: z.int(),
  num_attention_heads: z.int(),
  intermediate_size: z.int(),
  max_position_embeddings: z.int(),
  type_vocab_size: z.int(),
  layer_norm_eps: z.number().default(1e-12),
  pad_token_id: z.int().nullable().default(0),
  hidden_act: z.literal("gelu").default("gelu"),
  position_embedding_type: z.literal("absolute").default("absolute"),
});

/**
 * Configuration from the `config.json` of a BERT checkpoint.
 *
 * @throws VesaliusError `bad-configuration` where keys are missing or ask for another architecture
 */
export function bertConfigFromHuggingFace(config: unknown): BertConfig {
  const read = readHuggingFaceConfig("BERT", huggingFaceSchema, config);
  return bertConfigSchema.parse({
    vocabularySize: read.vocab_size,
    width: read.hidden_size,
    depth: read.num_hidden_layers,
    heads: read.num_attention_heads,
    hiddenWidth: read.intermediate_size,
    maximumPositions: read.max_position_embeddings,
    tokenTypes: read.type_vocab_size,
    epsilon: read.layer_norm_eps,
    paddingToken: read.pad_token_id,
  });
}

/** Inputs of a BERT encoder. */
export interface BertInputs {
  /** Token numbers `[batch, tokens]`, int32 or int64. */
  readonly tokens: Value;
  /** Segment numbers `[batch, tokens]`; segment 0 everywhere where it is left out. */
  readonly segments?: Value;
  /** 1 for tokens, 0 for padding, float32 `[batch, tokens]`; no padding where it is left out. */
  readonly mask?: Value;
}

/** What each layer of an encoder gives. */
export interface BertLayers {
  /** The embeddings, then the result of each layer: `[batch, tokens, width]`. */
  readonly hidden: readonly Value[];
  /** Attention probabilities of each layer `[batch, heads, tokens, tokens]`. */
  readonly attentions: readonly Value[];
}

function embeddings({ tokens, segments }: BertInputs, prefix: string, config: BertConfig): Value {
  const graph = tokens.graph;
  const table = (name: string, rows: number) =>
    graph.parameter(`${prefix}embeddings.${name}.weight`, [rows, config.width], transformerInit);
  const { vectors } = embeddingLayer(
    tokens,
    `${prefix}embeddings.word_embeddings`,
    config.vocabularySize,
    config.width,
    { paddingToken: config.paddingToken },
  );
  const types = table("token_type_embeddings", config.tokenTypes);
  const places = slice(table("position_embeddings", config.maximumPositions), 0, 0, tokens.shape[1]!);
  const segment = segments === undefined ? slice(types, 0, 0, 1) : gather(types, segments);
  return layerNormLayer(add(add(vectors, segment), places), `${prefix}embeddings.LayerNorm`, config.epsilon);
}

/**
 * All layers of a BERT encoder (Devlin et al. 2019) with the parameter names of Hugging Face's checkpoints
 * (transformers, `modeling_bert.py`).
 *
 * @param prefix of the parameter names, `bert.` in task models
 */
export function bertLayers(inputs: BertInputs, config: BertConfig, prefix = "bert."): BertLayers {
  const { heads, epsilon } = config;
  const mask = inputs.mask === undefined ? {} : { bias: paddingBias(inputs.mask) };
  const hidden = [embeddings(inputs, prefix, config)];
  const attentions: Value[] = [];
  for (let i = 0; i < config.depth; i++) {
    const name = `${prefix}encoder.layer.${i}`;
    const parts = [`${name}.intermediate`, `${name}.output`] as const;
    const x = hidden.at(-1)!;
    x.graph.block(name, () => {
      const attended = postNormAttention(x, `${name}.attention`, { heads, epsilon, projections: "self", ...mask });
      attentions.push(attended.probabilities);
      hidden.push(postNormFeedForward(attended.output, parts, config.hiddenWidth, epsilon, gelu));
    });
  }
  return { hidden, attentions };
}

/** Hidden states `[batch, tokens, width]` after the last layer; see `bertLayers`. */
export const bertEncoder = (inputs: BertInputs, config: BertConfig, prefix = "bert."): Value =>
  bertLayers(inputs, config, prefix).hidden.at(-1)!;

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

/**
 * Head of masked language modelling, `cls.predictions.*`, whose last layer shares the table of token vectors.
 *
 * @param hidden `[batch, tokens, width]`
 * @returns logits `[batch, tokens, vocabularySize]`
 */
export function bertMaskedLanguageHead(hidden: Value, config: BertConfig, prefix = "bert."): Value {
  const graph = hidden.graph;
  const { width, vocabularySize } = config;
  const name = "cls.predictions";
  const dense = gelu(linearLayer(hidden, `${name}.transform.dense`, width));
  const table = graph.parameter(`${prefix}embeddings.word_embeddings.weight`, [vocabularySize, width], transformerInit);
  const bias = graph.parameter(`${name}.bias`, [vocabularySize], { kind: "zeros" });
  return linear(layerNormLayer(dense, `${name}.transform.LayerNorm`, config.epsilon), table, bias);
}

/** Head of next-sentence prediction on the pooled token: logits `[batch, 2]`, class 0 "is next", class 1 "random". */
export const bertNextSentenceHead = (pooled: Value): Value => linearLayer(pooled, "cls.seq_relationship", 2);
