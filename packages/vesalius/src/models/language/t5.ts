import { z } from "zod";
import { add, linear, multiply, type Value } from "../../graph/index.ts";
import { type AttendTo, multiHeadAttention } from "../layers/attention.ts";
import { type Decoding, decodingBias } from "../layers/decoding.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { activationNamed, publishedActivations } from "../layers/hidden-activations.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { readPublishedConfig } from "../layers/published-config.ts";
import { linearLayer, rmsNormLayer } from "../layers/linear.ts";
import { paddingBias } from "../layers/masks.ts";
import { bucketedPositionBias } from "../layers/relative-positions.ts";

/** Configuration of a T5 encoder-decoder; the defaults are those of t5-base. */
export const t5ConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(32128),
  width: z.int().positive().default(768),
  headWidth: z.int().positive().default(64),
  heads: z.int().positive().default(12),
  hiddenWidth: z.int().positive().default(3072),
  encoderDepth: z.int().positive().default(12),
  decoderDepth: z.int().positive().default(12),
  relativeBuckets: z.int().positive().default(32),
  relativeMaximumDistance: z.int().positive().default(128),
  /**
   * Nonlinearity of the perceptrons by its name in transformers, `relu` as in T5; with `gated-` in front the gated form of
   * T5 1.1 and its relatives, whose `gated-gelu` is GELU's tanh approximation.
   */
  feedForward: z
    .enum([...publishedActivations, ...publishedActivations.map((name) => `gated-${name}`)])
    .default("relu"),
  epsilon: z.number().positive().default(1e-6),
  /** Whether the output layer shares the table of token vectors. */
  tiedOutput: z.boolean().default(true),
});

/** Configuration of a T5 encoder-decoder. */
export type T5Config = z.infer<typeof t5ConfigSchema>;

const huggingFaceSchema = z.object({
  vocab_size: z.int(),
  d_model: z.int(),
  d_kv: z.int(),
  d_ff: z.int(),
  num_layers: z.int(),
  num_decoder_layers: z.int().nullish(),
  num_heads: z.int(),
  relative_attention_num_buckets: z.int().default(32),
  relative_attention_max_distance: z.int().default(128),
  layer_norm_epsilon: z.number().default(1e-6),
  feed_forward_proj: t5ConfigSchema.shape.feedForward.unwrap().optional(),
  tie_word_embeddings: z.boolean().default(true),
  // transformers 5 has untied output layers of T5 1.1 as tied ones that are not scaled.
  scale_decoder_outputs: z.boolean().default(true),
  is_encoder_decoder: z.literal(true).default(true),
  // What follows from `feed_forward_proj`, as transformers writes it beside.
  is_gated_act: z.boolean().optional(),
  dense_act_fn: z.string().optional(),
});

/**
 * Configuration from the `config.json` of a T5 checkpoint.
 *
 * @throws VesaliusError `bad-configuration` where keys are missing or ask for another architecture
 */
export function t5ConfigFromHuggingFace(config: unknown): T5Config {
  const read = readHuggingFaceConfig("T5", huggingFaceSchema, config, {
    types: ["t5", "mt5"],
    classes: ["T5", "MT5"],
    neutral: ["dropout_rate", "classifier_dropout", "initializer_factor", "n_positions", "output_past"],
  });
  const usual = (config as { readonly model_type?: unknown }).model_type === "mt5" ? "gated-gelu" : "relu";
  return readPublishedConfig("this config.json is no T5 that can be built", t5ConfigSchema, {
    vocabularySize: read.vocab_size,
    width: read.d_model,
    headWidth: read.d_kv,
    heads: read.num_heads,
    hiddenWidth: read.d_ff,
    encoderDepth: read.num_layers,
    decoderDepth: read.num_decoder_layers ?? read.num_layers,
    relativeBuckets: read.relative_attention_num_buckets,
    relativeMaximumDistance: read.relative_attention_max_distance,
    feedForward: read.feed_forward_proj ?? usual,
    epsilon: read.layer_norm_epsilon,
    tiedOutput: read.tie_word_embeddings && read.scale_decoder_outputs,
  });
}

/** `x + attention(norm(x))` of a T5 layer; the scores are not scaled. */
function attend(
  x: Value,
  layer: string,
  part: string,
  config: T5Config,
  extra: { readonly bias?: Value; readonly context?: Value; readonly attendTo?: AttendTo },
): Value {
  const at = (letter: string): string => `${layer}.${part}.${letter}`;
  const { output } = multiHeadAttention(rmsNormLayer(x, `${layer}.layer_norm`, config.epsilon), {
    heads: config.heads,
    headWidth: config.headWidth,
    projections: { query: at("q"), key: at("k"), value: at("v"), output: at("o") },
    biases: false,
    scale: 1,
    ...extra,
  });
  return add(x, output);
}

/** `x + perceptron(norm(x))` of a T5 layer. */
function feedForward(x: Value, layer: string, config: T5Config): Value {
  const normed = rmsNormLayer(x, `${layer}.layer_norm`, config.epsilon);
  const project = (from: Value, part: string, features: number): Value =>
    linearLayer(from, `${layer}.DenseReluDense.${part}`, features, { bias: false });
  const up = (part: string): Value => project(normed, part, config.hiddenWidth);
  const [, gated, named] = /^(gated-)?(.*)$/.exec(config.feedForward) as unknown as [string, string?, string?];
  const activation = activationNamed(gated && named === "gelu" ? "gelu_new" : named!);
  const hidden = gated ? multiply(activation(up("wi_0")), up("wi_1")) : activation(up("wi"));
  return add(x, project(hidden, "wo", config.width));
}

/** One of the two stacks: its embeddings, then each block's result, then the last normalization. */
function stack(
  x: Value,
  name: "encoder" | "decoder",
  config: T5Config,
  mask: Value | undefined,
  memory?: { readonly context: Value; readonly bias?: Value; readonly attendTo?: AttendTo },
  { continuation, attendTo }: Decoding = {},
): { readonly hidden: readonly Value[]; readonly final: Value } {
  const graph = x.graph;
  const length = x.shape[1]!;
  // Only the first block has a table of relative positions; the others use it too.
  const positions = bucketedPositionBias(graph, `${name}.block.0.layer.0.SelfAttention.relative_attention_bias`, {
    buckets: config.relativeBuckets,
    maximumDistance: config.relativeMaximumDistance,
    bidirectional: name === "encoder",
    heads: config.heads,
    queries: length,
    keys: length,
    ...(continuation ? { continuation } : {}),
  });
  const masks = [
    ...(mask ? [paddingBias(mask)] : []),
    ...(memory ? [decodingBias(x, continuation ? { continuation } : {})] : []),
  ];
  const bias = masks.reduce((sum, extra) => add(sum, extra), positions);
  const hidden = [x];
  for (let i = 0; i < (name === "encoder" ? config.encoderDepth : config.decoderDepth); i++) {
    const layer = (j: number): string => `${name}.block.${i}.layer.${j}`;
    const after = x.graph.block(`${name}.block.${i}`, () => {
      const before = hidden.at(-1)!;
      const own = attend(before, layer(0), "SelfAttention", config, { bias, ...(attendTo ? { attendTo } : {}) });
      if (memory === undefined) return feedForward(own, layer(1), config);
      return feedForward(attend(own, layer(1), "EncDecAttention", config, memory), layer(2), config);
    });
    hidden.push(after);
  }
  return { hidden, final: rmsNormLayer(hidden.at(-1)!, `${name}.final_layer_norm`, config.epsilon) };
}

/** Inputs of a T5 encoder-decoder. */
export interface T5Inputs {
  /** Token numbers `[batch, length]`, int32 or int64. */
  readonly tokens: Value;
  /** 1 for tokens, 0 for padding, float32 `[batch, length]`; no padding where it is left out. */
  readonly mask?: Value;
  /** What the decoder has said so far, `[batch, decoderLength]`; see `shiftTokensRight`. */
  readonly decoderTokens: Value;
  /** For writing token by token. */
  readonly decoding?: Decoding;
}

/** What an encoder-decoder gives. */
export interface EncoderDecoderOutputs {
  /** The embeddings, then the result of each layer: `[batch, length, width]`. */
  readonly encoderHidden: readonly Value[];
  /** What the decoder attends to, `[batch, length, width]`. */
  readonly encoded: Value;
  readonly decoderHidden: readonly Value[];
  /** `[batch, decoderLength, vocabularySize]`, of the states that `decoding` selects */
  readonly logits: Value;
}

const embed = (tokens: Value, { vocabularySize, width }: T5Config) =>
  embeddingLayer(tokens, "shared", vocabularySize, width, { initializer: { kind: "normal", standardDeviation: 1 } });

/** Embeddings and blocks of a T5 encoder, `encoder.*`, and its result after the last normalization. */
export const t5Encoder = (
  { tokens, mask }: Pick<T5Inputs, "tokens" | "mask">,
  config: T5Config,
): { readonly hidden: readonly Value[]; readonly final: Value } =>
  stack(embed(tokens, config).vectors, "encoder", config, mask);

/**
 * T5 encoder-decoder (Raffel et al. 2020) with the parameter names of Hugging Face (transformers, `modeling_t5.py`).
 */
export function t5({ tokens, mask, decoderTokens, decoding = {} }: T5Inputs, config: T5Config): EncoderDecoderOutputs {
  const { width, vocabularySize } = config;
  const encoder = t5Encoder({ tokens, ...(mask === undefined ? {} : { mask }) }, config);
  const memory = {
    context: encoder.final,
    ...(mask ? { bias: paddingBias(mask) } : {}),
    ...(decoding.attendToEncoded ? { attendTo: decoding.attendToEncoded } : {}),
  };
  const { vectors, table } = embed(decoderTokens, config);
  const decoder = stack(vectors, "decoder", config, undefined, memory, decoding);
  const selected = decoding.select?.(decoder.final) ?? decoder.final;
  const logits = config.tiedOutput
    ? linear(multiply(selected, width ** -0.5), table)
    : linearLayer(selected, "lm_head", vocabularySize, { bias: false });
  return { encoderHidden: encoder.hidden, encoded: encoder.final, decoderHidden: decoder.hidden, logits };
}
