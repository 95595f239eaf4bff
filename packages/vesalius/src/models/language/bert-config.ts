import { z } from "zod";
import {
  hiddenActivationSchema,
  publishedActivation,
  publishedActivationSchema,
} from "../layers/hidden-activations.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";

/** Share of numbers that training drops, in [0, 1). */
const rateSchema = z.number().min(0).lt(1);

/**
 * Convolutions that make places of several tokens each, for long sequences over a small alphabet (nucleotides): a small
 * vector for each token, a wide convolution, the maximum over `pool` tokens, a second convolution to the width.
 */
export const bertStemSchema = z.strictObject({
  /** Width of the vectors of single tokens. */
  embeddingWidth: z.int().positive().default(8),
  channels: z.int().positive().default(64),
  /** Tokens that the first convolution sees; odd. */
  kernel: z.int().positive().default(15),
  /** Tokens that become one place. */
  pool: z.int().positive().default(5),
  /** Places that the second convolution sees; odd. */
  secondKernel: z.int().positive().default(5),
});

/** Settings of a BERT encoder: the published one by default, and options that it does not have, all off. */
export const bertSettingsSchema = z
  .strictObject({
    /** Rows of the table of tokens; as many as the tokenizer has tokens where it is left out. */
    vocabularySize: z.int().positive().optional(),
    width: z.int().positive().default(768),
    depth: z.int().positive().default(12),
    heads: z.int().positive().default(12),
    hiddenWidth: z.int().positive().default(3072),
    /** Most tokens of an input. */
    maximumPositions: z.int().positive().default(512),
    tokenTypes: z.int().positive().default(2),
    epsilon: z.number().positive().default(1e-12),
    /** Token whose vector gets no gradient from the look-up; null for none. */
    paddingToken: z.int().nonnegative().nullable().default(0),
    activation: hiddenActivationSchema.default("gelu"),
    /** Dropout of embeddings and of every branch, in training. */
    dropout: rateSchema.default(0),
    /** Dropout of attention probabilities, in training. */
    attentionDropout: rateSchema.default(0),
    /** Dropout in front of a classifier; that of the branches where it is left out. */
    classifierDropout: rateSchema.optional(),
    /** Deviation that weights start with. */
    initializerRange: z.number().positive().default(0.02),
    /**
     * `absolute` vectors as published, `relative` distances added to the attention scores (T5's buckets, shared by all
     * layers as in MPNet), or both.
     */
    positions: z.enum(["absolute", "relative", "both"]).default("absolute"),
    /**
     * Learned vectors of distances in place of absolute positions, which queries are multiplied with, or queries and keys
     * (Shaw et al. 2018, Huang et al. 2020): `relative_key` and `relative_key_query` of transformers 4.
     */
    distances: z.enum(["none", "key", "keyAndQuery"]).default("none"),
    /** Whether the output layer of masked language modelling shares the table of tokens. */
    tiedOutput: z.boolean().default(true),
    relativeBuckets: z.int().min(4).default(32),
    relativeMaximumDistance: z.int().positive().default(128),
    /** Rows of a table that the input `features` refers to, whose vectors are added to a token's: word shape, affixes. */
    featureRows: z.int().nonnegative().default(0),
    /** How many tokens on each side are mixed into a place in front of the first layer. */
    localWindow: z.int().nonnegative().default(0),
    stem: bertStemSchema.optional(),
    /** What stands for the whole input: the pooled first token as published, or the mean (and maximum) of all. */
    pooling: z.enum(["token", "mean", "meanAndMaximum"]).default("token"),
  })
  .refine(({ width, heads }) => width % heads === 0, {
    error: "the number of heads divides the width",
    path: ["heads"],
  })
  .refine(({ stem }) => stem === undefined || (stem.kernel % 2 === 1 && stem.secondKernel % 2 === 1), {
    error: "the kernels of the stem are odd",
    path: ["stem"],
  });

/** Configuration of a BERT encoder: its settings with a vocabulary. */
export const bertConfigSchema = bertSettingsSchema.safeExtend({
  vocabularySize: z.int().positive().default(30522),
});

/** Settings of a BERT encoder. */
export type BertSettings = z.infer<typeof bertSettingsSchema>;
/** Configuration of a BERT encoder. */
export type BertConfig = z.infer<typeof bertConfigSchema>;

const huggingFaceSchema = z.object({
  vocab_size: z.int(),
  hidden_size: z.int(),
  num_hidden_layers: z.int(),
  num_attention_heads: z.int(),
  intermediate_size: z.int(),
  max_position_embeddings: z.int(),
  type_vocab_size: z.int().default(2),
  layer_norm_eps: z.number().default(1e-12),
  pad_token_id: z.int().nullable().default(0),
  hidden_act: publishedActivationSchema("gelu"),
  hidden_dropout_prob: rateSchema.default(0.1),
  attention_probs_dropout_prob: rateSchema.default(0.1),
  classifier_dropout: rateSchema.nullish(),
  initializer_range: z.number().positive().default(0.02),
  position_embedding_type: z.enum(["absolute", "relative_key", "relative_key_query"]).default("absolute"),
  is_decoder: z.literal(false).default(false),
  add_cross_attention: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(true),
});

const distances = { absolute: "none", relative_key: "key", relative_key_query: "keyAndQuery" } as const;

/** Keys of Google's own files, which nothing in transformers reads. */
const leftFromGoogle = keysIn(
  "directionality language name pooler_type pooler_fc_size pooler_num_attention_heads pooler_num_fc_layers " +
    "pooler_size_per_head",
);

/**
 * Configuration from the `config.json` of a BERT checkpoint.
 *
 * @throws VesaliusError `bad-configuration` where keys are missing, unknown or ask for another architecture
 */
export function bertConfigFromHuggingFace(config: unknown): BertConfig {
  const read = readHuggingFaceConfig("BERT", huggingFaceSchema, config, {
    types: ["bert"],
    classes: ["Bert"],
    neutral: leftFromGoogle,
  });
  return readPublishedConfig("this config.json is no BERT that can be built", bertConfigSchema, {
    vocabularySize: read.vocab_size,
    width: read.hidden_size,
    depth: read.num_hidden_layers,
    heads: read.num_attention_heads,
    hiddenWidth: read.intermediate_size,
    maximumPositions: read.max_position_embeddings,
    tokenTypes: read.type_vocab_size,
    epsilon: read.layer_norm_eps,
    paddingToken: read.pad_token_id,
    activation: read.hidden_act,
    dropout: read.hidden_dropout_prob,
    attentionDropout: read.attention_probs_dropout_prob,
    ...(typeof read.classifier_dropout === "number" ? { classifierDropout: read.classifier_dropout } : {}),
    initializerRange: read.initializer_range,
    distances: distances[read.position_embedding_type],
    tiedOutput: read.tie_word_embeddings,
  });
}

/** Whether Hugging Face's BERT computes the same. */
const isPublished = (config: BertConfig): boolean =>
  config.positions === "absolute" && config.featureRows === 0 && config.localWindow === 0 && config.stem === undefined;

/**
 * `config.json` of a BERT encoder. One with options that Hugging Face's BERT does not have says another `model_type`, so that
 * nothing else takes it for a BERT.
 */
export const bertConfigToHuggingFace = (config: BertConfig): Readonly<Record<string, unknown>> => ({
  model_type: isPublished(config) ? "bert" : "vesalius-bert",
  vocab_size: config.vocabularySize,
  hidden_size: config.width,
  num_hidden_layers: config.depth,
  num_attention_heads: config.heads,
  intermediate_size: config.hiddenWidth,
  max_position_embeddings: config.maximumPositions,
  type_vocab_size: config.tokenTypes,
  layer_norm_eps: config.epsilon,
  pad_token_id: config.paddingToken,
  hidden_act: publishedActivation(config.activation),
  hidden_dropout_prob: config.dropout,
  attention_probs_dropout_prob: config.attentionDropout,
  classifier_dropout: config.classifierDropout ?? null,
  initializer_range: config.initializerRange,
  ...(config.distances === "none"
    ? {}
    : { position_embedding_type: config.distances === "key" ? "relative_key" : "relative_key_query" }),
  ...(config.tiedOutput ? {} : { tie_word_embeddings: false }),
});
