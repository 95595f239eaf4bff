import { z } from "zod";
import { add, gather, linear, slice, type Value } from "../../graph/index.ts";
import type { FusedAttentionNames } from "../layers/attention.ts";
import { type Decoding, decodingBias } from "../layers/decoding.ts";
import { dropoutLayer } from "../layers/dropout.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import {
  type HiddenActivation,
  hiddenActivations,
  hiddenActivationSchema,
  publishedActivation,
  publishedActivationSchema,
} from "../layers/hidden-activations.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import { layerNormLayer, transformerInit } from "../layers/linear.ts";
import { chosenDecoderMask } from "../layers/masks.ts";
import type { ForwardMode } from "../layers/normalization.ts";
import { openaiBlockNames, preNormBlock } from "../layers/transformer.ts";

/** Share of numbers that training drops. */
const rateSchema = z.number().min(0).lt(1);

/** Configuration of a GPT-2 decoder. */
export const gpt2ConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(50257),
  contextLength: z.int().positive().default(1024),
  width: z.int().positive().default(768),
  depth: z.int().positive().default(12),
  heads: z.int().positive().default(12),
  /** Width of the perceptrons; four times the width by default. */
  hiddenWidth: z.int().positive().optional(),
  bias: z.boolean().default(true),
  /** GELU of the perceptrons: OpenAI's checkpoints use the tanh form, nanoGPT the exact one. */
  gelu: z.enum(["tanh", "none"]).default("tanh"),
  /** Nonlinearity of the perceptrons in place of GELU. */
  activation: hiddenActivationSchema.optional(),
  epsilon: z.number().positive().default(1e-5),
  /** Dropout of embeddings, attention probabilities and branches, in training. */
  dropout: rateSchema.default(0),
  /** Dropout of the embeddings where it is not that of the branches. */
  embeddingDropout: rateSchema.optional(),
  /** Dropout of attention probabilities where it is not that of the branches. */
  attentionDropout: rateSchema.optional(),
  /** Order of the weights' axes: `outIn` as in nanoGPT, `inOut` as in OpenAI's and Hugging Face's checkpoints. */
  layout: z.enum(["outIn", "inOut"]).default("outIn"),
});

/** Configuration of a GPT-2 decoder. */
export type Gpt2Config = z.infer<typeof gpt2ConfigSchema>;

const huggingFaceSchema = z.object({
  vocab_size: z.int(),
  n_positions: z.int(),
  n_embd: z.int(),
  n_layer: z.int(),
  n_head: z.int(),
  n_inner: z.int().nullish(),
  layer_norm_epsilon: z.number().default(1e-5),
  activation_function: publishedActivationSchema("geluTanh"),
  resid_pdrop: rateSchema.default(0.1),
  embd_pdrop: rateSchema.default(0.1),
  attn_pdrop: rateSchema.default(0.1),
  scale_attn_weights: z.literal(true).default(true),
  tie_word_embeddings: z.literal(true).default(true),
  add_cross_attention: z.literal(false).default(false),
  scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
});

/** The nonlinearity of the perceptrons. */
const nonlinearity = ({ activation, gelu }: Gpt2Config): HiddenActivation =>
  activation ?? (gelu === "tanh" ? "geluTanh" : "gelu");

/** Settings that give a nonlinearity. */
function activationOf(activation: HiddenActivation): Partial<Gpt2Config> {
  if (activation === "geluTanh") return { gelu: "tanh" };
  return activation === "gelu" ? { gelu: "none" } : { activation };
}

/**
 * Configuration from the `config.json` of a GPT-2 checkpoint.
 *
 * @throws VesaliusError `bad-configuration` where keys are missing or ask for another architecture
 */
export function gpt2ConfigFromHuggingFace(config: unknown): Gpt2Config {
  const read = readHuggingFaceConfig("GPT-2", huggingFaceSchema, config, {
    types: ["gpt2"],
    classes: ["GPT2"],
    neutral: keysIn(
      "n_ctx reorder_and_upcast_attn summary_type summary_use_proj summary_activation " +
        "summary_proj_to_labels summary_first_dropout",
    ),
  });
  return readPublishedConfig("this config.json is no GPT-2 that can be built", gpt2ConfigSchema, {
    vocabularySize: read.vocab_size,
    contextLength: read.n_positions,
    width: read.n_embd,
    depth: read.n_layer,
    heads: read.n_head,
    ...(read.n_inner === null || read.n_inner === undefined ? {} : { hiddenWidth: read.n_inner }),
    ...activationOf(read.activation_function),
    epsilon: read.layer_norm_epsilon,
    dropout: read.resid_pdrop,
    ...(read.embd_pdrop === read.resid_pdrop ? {} : { embeddingDropout: read.embd_pdrop }),
    ...(read.attn_pdrop === read.resid_pdrop ? {} : { attentionDropout: read.attn_pdrop }),
    layout: "inOut",
  });
}

/** `config.json` of a GPT-2 decoder. Weights in the order of nanoGPT say another `model_type`: transformers has none for them. */
export const gpt2ConfigToHuggingFace = (config: Gpt2Config): Readonly<Record<string, unknown>> => ({
  model_type: config.layout === "inOut" && config.bias ? "gpt2" : "vesalius-gpt2",
  vocab_size: config.vocabularySize,
  n_positions: config.contextLength,
  n_embd: config.width,
  n_layer: config.depth,
  n_head: config.heads,
  n_inner: config.hiddenWidth ?? null,
  activation_function: publishedActivation(nonlinearity(config)),
  layer_norm_epsilon: config.epsilon,
  resid_pdrop: config.dropout,
  embd_pdrop: config.embeddingDropout ?? config.dropout,
  attn_pdrop: config.attentionDropout ?? config.dropout,
});

const attentionNames: FusedAttentionNames = { weight: "c_attn.weight", bias: "c_attn.bias", output: "c_proj" };

/**
 * All layers of a GPT-2 decoder (Radford et al. 2019) with the parameter names of Hugging Face (transformers,
 * `modeling_gpt2.py`) and nanoGPT (`model.py`), which differ in the order of the weights' axes alone.
 *
 * @param tokens `[batch, length]`, int32 or int64
 * @param mask 1 for tokens, 0 for padding, float32 `[batch, length]`; no padding where it is left out
 * @returns `hidden`: the embeddings and each block's result, `final`: after the last normalization, all
 * `[batch, length, width]`; `logits` `[batch, length, vocabularySize]` from the table that the tokens use, of the states
 * that `decoding` selects
 */
export function gpt2Layers(
  tokens: Value,
  config: Gpt2Config,
  mask?: Value,
  decoding: Decoding = {},
  mode: ForwardMode = { training: false },
): { readonly hidden: readonly Value[]; readonly final: Value; readonly logits: Value } {
  const { width, epsilon } = config;
  const graph = tokens.graph;
  const length = tokens.shape[1]!;
  const { vectors, table } = embeddingLayer(tokens, "transformer.wte", config.vocabularySize, width);
  const places = graph.parameter("transformer.wpe.weight", [config.contextLength, width], transformerInit);
  const { bias, limit } =
    mask === undefined || decoding.continuation !== undefined
      ? { bias: decodingBias(tokens, decoding), limit: undefined }
      : chosenDecoderMask(graph, length, mask);
  const placed =
    decoding.continuation === undefined ? slice(places, 0, 0, length) : gather(places, decoding.continuation.positions);
  const { dropout, embeddingDropout = dropout, attentionDropout = dropout } = config;
  const drop = (x: Value, part: string): Value =>
    dropoutLayer(x, part, part.endsWith(".attn") ? attentionDropout : dropout, mode);
  const hidden = [dropoutLayer(add(vectors, placed), "transformer.drop", embeddingDropout, mode)];
  for (let i = 0; i < config.depth; i++)
    hidden.push(
      preNormBlock(hidden.at(-1)!, `transformer.h.${i}`, {
        heads: config.heads,
        mlpRatio: (config.hiddenWidth ?? 4 * width) / width,
        epsilon,
        bias,
        limit,
        biases: config.bias,
        activation: hiddenActivations[nonlinearity(config)],
        layout: config.layout,
        names: openaiBlockNames,
        attentionNames,
        drop,
        ...(decoding.attendTo ? { attendTo: decoding.attendTo } : {}),
      }),
    );
  const final = layerNormLayer(hidden.at(-1)!, "transformer.ln_f", epsilon, { bias: config.bias });
  return { hidden, final, logits: linear(decoding.select?.(final) ?? final, table) };
}

/** Logits `[batch, length, vocabularySize]` of last hidden states, from the table that the tokens use. */
export const gpt2Logits = (final: Value, { vocabularySize, width }: Gpt2Config): Value =>
  linear(final, final.graph.parameter("transformer.wte.weight", [vocabularySize, width], transformerInit));

/** Logits `[batch, length, vocabularySize]` of a GPT-2 decoder; see `gpt2Layers`. */
export const gpt2 = (tokens: Value, config: Gpt2Config, mask?: Value): Value => gpt2Layers(tokens, config, mask).logits;
