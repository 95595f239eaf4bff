import { z } from "zod";
import { add, gather, linear, multiply, slice, type Value, zeros } from "../../graph/index.ts";
import { type AttendTo, multiHeadAttention } from "../layers/attention.ts";
import { type Continuation, type Decoding, decodingBias } from "../layers/decoding.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { hiddenActivations, hiddenActivationSchema, publishedActivationSchema } from "../layers/hidden-activations.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import { fixedTable } from "../layers/fixed-table.ts";
import { layerNormLayer, transformerInit } from "../layers/linear.ts";
import { paddingBias } from "../layers/masks.ts";
import { mlp } from "../layers/transformer.ts";
import type { EncoderDecoderOutputs } from "./t5.ts";

/** Configuration of a BART encoder-decoder; the defaults are those of bart-base. */
export const bartConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(50265),
  maximumPositions: z.int().positive().default(1024),
  width: z.int().positive().default(768),
  encoderDepth: z.int().positive().default(6),
  decoderDepth: z.int().positive().default(6),
  encoderHeads: z.int().positive().default(12),
  decoderHeads: z.int().positive().default(12),
  encoderHiddenWidth: z.int().positive().default(3072),
  decoderHiddenWidth: z.int().positive().default(3072),
  activation: hiddenActivationSchema.default("gelu"),
  /** Multiply token vectors by the square root of the width. */
  scaleEmbedding: z.boolean().default(false),
  epsilon: z.number().positive().default(1e-5),
  paddingToken: z.int().nonnegative().nullable().default(1),
});

/** Configuration of a BART encoder-decoder. */
export type BartConfig = z.infer<typeof bartConfigSchema>;

/** Rows in front of the table of positions that no position uses: a leftover of fairseq's padding index. */
const positionOffset = 2;

const huggingFaceSchema = z.object({
  vocab_size: z.int(),
  max_position_embeddings: z.int(),
  d_model: z.int(),
  encoder_layers: z.int(),
  decoder_layers: z.int(),
  encoder_attention_heads: z.int(),
  decoder_attention_heads: z.int(),
  encoder_ffn_dim: z.int(),
  decoder_ffn_dim: z.int(),
  activation_function: publishedActivationSchema("gelu"),
  scale_embedding: z.boolean().default(false),
  is_encoder_decoder: z.literal(true).default(true),
  tie_word_embeddings: z.literal(true).default(true),
  // Of fairseq, in files of the first versions.
  normalize_embedding: z.literal(true).default(true),
  extra_pos_embeddings: z.literal(positionOffset).default(positionOffset),
  pad_token_id: z.int().nullable().default(1),
});

/**
 * Configuration from the `config.json` of a BART checkpoint.
 *
 * @throws VesaliusError `bad-configuration` where keys are missing or ask for another architecture
 */
export function bartConfigFromHuggingFace(config: unknown): BartConfig {
  const read = readHuggingFaceConfig("BART", huggingFaceSchema, config, {
    types: ["bart"],
    classes: ["Bart"],
    neutral: keysIn(
      "dropout attention_dropout activation_dropout classifier_dropout classif_dropout " +
        "encoder_layerdrop decoder_layerdrop init_std num_hidden_layers output_past _num_labels " +
        "force_bos_token_to_be_generated",
    ),
  });
  return readPublishedConfig("this config.json is no BART that can be built", bartConfigSchema, {
    vocabularySize: read.vocab_size,
    maximumPositions: read.max_position_embeddings,
    width: read.d_model,
    encoderDepth: read.encoder_layers,
    decoderDepth: read.decoder_layers,
    encoderHeads: read.encoder_attention_heads,
    decoderHeads: read.decoder_attention_heads,
    encoderHiddenWidth: read.encoder_ffn_dim,
    decoderHiddenWidth: read.decoder_ffn_dim,
    activation: read.activation_function,
    scaleEmbedding: read.scale_embedding,
    paddingToken: read.pad_token_id,
  });
}

function embed(
  tokens: Value,
  stack: string,
  config: BartConfig,
  continuation?: Continuation,
): { embedded: Value; table: Value } {
  const { width, epsilon, paddingToken } = config;
  const { vectors, table } = embeddingLayer(tokens, "model.shared", config.vocabularySize, width, { paddingToken });
  const places = tokens.graph.parameter(
    `${stack}.embed_positions.weight`,
    [config.maximumPositions + positionOffset, width],
    transformerInit,
  );
  const scaled = config.scaleEmbedding ? multiply(vectors, Math.sqrt(width)) : vectors;
  const rows =
    continuation === undefined
      ? slice(places, 0, positionOffset, positionOffset + tokens.shape[1]!)
      : gather(places, add(continuation.positions, positionOffset));
  const placed = add(scaled, rows);
  return { embedded: layerNormLayer(placed, `${stack}.layernorm_embedding`, epsilon), table };
}

/** `norm(x + attention(x))` */
function attend(
  x: Value,
  name: string,
  config: BartConfig,
  heads: number,
  extra: { readonly bias?: Value; readonly context?: Value; readonly attendTo?: AttendTo },
): Value {
  const { output } = multiHeadAttention(x, {
    heads,
    projections: {
      query: `${name}.q_proj`,
      key: `${name}.k_proj`,
      value: `${name}.v_proj`,
      output: `${name}.out_proj`,
    },
    ...extra,
  });
  return layerNormLayer(add(x, output), `${name}_layer_norm`, config.epsilon);
}

/** `norm(x + perceptron(x))` */
const feedForward = (x: Value, layer: string, config: BartConfig, hidden: number): Value =>
  layerNormLayer(
    add(x, mlp(x, layer, hidden, { activation: hiddenActivations[config.activation] })),
    `${layer}.final_layer_norm`,
    config.epsilon,
  );

/** Inputs of a BART encoder-decoder. */
export interface BartInputs {
  /** Token numbers `[batch, length]`, int32 or int64. */
  readonly tokens: Value;
  /** 1 for tokens, 0 for padding, float32 `[batch, length]`; no padding where it is left out. */
  readonly mask?: Value;
  /** What the decoder has said so far, `[batch, decoderLength]`; see `shiftTokensRight`. */
  readonly decoderTokens: Value;
  /** For writing token by token. */
  readonly decoding?: Decoding;
}

/** Embeddings and layers of a BART encoder, `model.encoder.*`: `[batch, length, width]`. */
export function bartEncoder(
  { tokens, mask }: Pick<BartInputs, "tokens" | "mask">,
  config: BartConfig,
): readonly Value[] {
  const padding = mask === undefined ? {} : { bias: paddingBias(mask) };
  const hidden = [embed(tokens, "model.encoder", config).embedded];
  for (let i = 0; i < config.encoderDepth; i++) {
    const layer = `model.encoder.layers.${i}`;
    const before = hidden.at(-1)!;
    const after = tokens.graph.block(layer, () => {
      const x = attend(before, `${layer}.self_attn`, config, config.encoderHeads, padding);
      return feedForward(x, layer, config, config.encoderHiddenWidth);
    });
    hidden.push(after);
  }
  return hidden;
}

/**
 * BART encoder-decoder (Lewis et al. 2020) with the parameter names of Hugging Face (transformers,
 * `modeling_bart.py`), `final_logits_bias` among them, which no checkpoint trains.
 */
export function bart(
  { tokens, mask, decoderTokens, decoding = {} }: BartInputs,
  config: BartConfig,
): EncoderDecoderOutputs {
  const graph = tokens.graph;
  const padding = mask === undefined ? {} : { bias: paddingBias(mask) };
  const encoderHidden = bartEncoder({ tokens, ...(mask === undefined ? {} : { mask }) }, config);
  const encoded = encoderHidden.at(-1)!;
  const { continuation, attendTo, attendToEncoded, select } = decoding;
  const before = { bias: decodingBias(decoderTokens, decoding), ...(attendTo ? { attendTo } : {}) };
  const source = { ...padding, context: encoded, ...(attendToEncoded ? { attendTo: attendToEncoded } : {}) };
  const { embedded, table } = embed(decoderTokens, "model.decoder", config, continuation);
  const decoderHidden = [embedded];
  for (let i = 0; i < config.decoderDepth; i++) {
    const layer = `model.decoder.layers.${i}`;
    const after = graph.block(layer, () => {
      const own = attend(decoderHidden.at(-1)!, `${layer}.self_attn`, config, config.decoderHeads, before);
      const x = attend(own, `${layer}.encoder_attn`, config, config.decoderHeads, source);
      return feedForward(x, layer, config, config.decoderHiddenWidth);
    });
    decoderHidden.push(after);
  }
  const bias = fixedTable(graph, "final_logits_bias", zeros("float32", [1, config.vocabularySize]));
  const last = decoderHidden.at(-1)!;
  return { encoderHidden, encoded, decoderHidden, logits: add(linear(select?.(last) ?? last, table), bias) };
}
