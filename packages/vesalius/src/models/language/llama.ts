import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { add, linear, multiply, silu, type Value } from "../../graph/index.ts";
import { multiHeadAttention } from "../layers/attention.ts";
import { type Decoding, decodingBias } from "../layers/decoding.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { linearLayer, rmsNormLayer, transformerInit } from "../layers/linear.ts";
import { rotaryAngles, type RotaryAngles, rotateFeatures } from "../layers/rotary.ts";

/** Configuration of a LLaMA decoder; the defaults are those of LLaMA 7B. */
export const llamaConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(32000),
  width: z.int().positive().default(4096),
  depth: z.int().positive().default(32),
  heads: z.int().positive().default(32),
  /** Heads of keys and values; divides the heads. As many as heads by default. */
  keyValueHeads: z.int().positive().optional(),
  hiddenWidth: z.int().positive().default(11008),
  maximumPositions: z.int().positive().default(2048),
  epsilon: z.number().positive().default(1e-6),
  rotaryTheta: z.number().positive().default(10000),
  /** Whether the output layer shares the table of token vectors. */
  tiedOutput: z.boolean().default(false),
  paddingToken: z.int().nonnegative().nullable().default(null),
  /** Whose parameter names and rotary layout: `huggingFace` (half-split), or `meta` (interleaved). */
  checkpoint: z.enum(["huggingFace", "meta"]).default("huggingFace"),
});

/** Configuration of a LLaMA decoder. */
export type LlamaConfig = z.infer<typeof llamaConfigSchema>;

/** Keys of `config.json` that LLaMA and the models built on it share. */
export const llamaHuggingFaceSchema = z.object({
  vocab_size: z.int(),
  hidden_size: z.int(),
  num_hidden_layers: z.int(),
  num_attention_heads: z.int(),
  num_key_value_heads: z.int().optional(),
  head_dim: z.int().nullish(),
  intermediate_size: z.int(),
  max_position_embeddings: z.int(),
  rms_norm_eps: z.number(),
  rope_theta: z.number().optional(),
  rope_scaling: z.null().optional(),
  // The same two in files of transformers 5.
  rope_parameters: z
    .strictObject({ rope_type: z.literal("default").default("default"), rope_theta: z.number().optional() })
    .nullish(),
  hidden_act: z.literal("silu").default("silu"),
  attention_bias: z.literal(false).default(false),
  mlp_bias: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(false),
  pad_token_id: z.int().nullish(),
  sliding_window: z.null().optional(),
  // Slices of a matrix product: the same numbers, summed in another order.
  pretraining_tp: z.int().positive().optional(),
});

/** Further keys of LLaMA and its relatives, which act in training only. */
export const llamaNeutralKeys = ["attention_dropout"];

/** The part of the configuration that LLaMA and the models built on it share. */
export function llamaConfigFromKeys(read: z.infer<typeof llamaHuggingFaceSchema>): LlamaConfig {
  if (typeof read.head_dim === "number" && read.head_dim * read.num_attention_heads !== read.hidden_size)
    throw new VesaliusError(
      "bad-configuration",
      `heads of ${read.head_dim} (head_dim), not of hidden_size / num_attention_heads, are not supported`,
    );
  return llamaConfigSchema.parse({
    vocabularySize: read.vocab_size,
    width: read.hidden_size,
    depth: read.num_hidden_layers,
    heads: read.num_attention_heads,
    keyValueHeads: read.num_key_value_heads,
    hiddenWidth: read.intermediate_size,
    maximumPositions: read.max_position_embeddings,
    epsilon: read.rms_norm_eps,
    rotaryTheta: read.rope_parameters?.rope_theta ?? read.rope_theta ?? 10000,
    tiedOutput: read.tie_word_embeddings,
    paddingToken: read.pad_token_id ?? null,
  });
}

/**
 * Configuration from the `config.json` of a LLaMA checkpoint.
 *
 * @throws VesaliusError `bad-configuration` where keys are missing or ask for another architecture
 */
export const llamaConfigFromHuggingFace = (config: unknown): LlamaConfig =>
  llamaConfigFromKeys(
    readHuggingFaceConfig("LLaMA", llamaHuggingFaceSchema, config, {
      types: ["llama", "mistral"],
      neutral: llamaNeutralKeys,
    }),
  );

/** `config.json` of a LLaMA decoder. Meta's names of parameters say another `model_type`: transformers has none for them. */
export const llamaConfigToHuggingFace = (config: LlamaConfig): Readonly<Record<string, unknown>> => ({
  model_type: config.checkpoint === "huggingFace" ? "llama" : "vesalius-llama",
  vocab_size: config.vocabularySize,
  hidden_size: config.width,
  num_hidden_layers: config.depth,
  num_attention_heads: config.heads,
  num_key_value_heads: config.keyValueHeads ?? config.heads,
  intermediate_size: config.hiddenWidth,
  max_position_embeddings: config.maximumPositions,
  rms_norm_eps: config.epsilon,
  rope_theta: config.rotaryTheta,
  hidden_act: "silu",
  attention_bias: false,
  tie_word_embeddings: config.tiedOutput,
  pad_token_id: config.paddingToken,
});

const names = {
  huggingFace: {
    embedding: "model.embed_tokens",
    layer: (i: number) => `model.layers.${i}`,
    attentionNorm: "input_layernorm",
    query: "self_attn.q_proj",
    key: "self_attn.k_proj",
    value: "self_attn.v_proj",
    output: "self_attn.o_proj",
    feedForwardNorm: "post_attention_layernorm",
    feedForward: ["mlp.gate_proj", "mlp.down_proj", "mlp.up_proj"],
    norm: "model.norm",
    head: "lm_head",
  },
  meta: {
    embedding: "tok_embeddings",
    layer: (i: number) => `layers.${i}`,
    attentionNorm: "attention_norm",
    query: "attention.wq",
    key: "attention.wk",
    value: "attention.wv",
    output: "attention.wo",
    feedForwardNorm: "ffn_norm",
    feedForward: ["feed_forward.w1", "feed_forward.w2", "feed_forward.w3"],
    norm: "norm",
    head: "output",
  },
} as const;

/**
 * Gated perceptron of Shazeer (2020), SwiGLU: `down(silu(gate(x)) * up(x))`, without biases.
 *
 * @param x `[..., width]`
 * @param layers full names of gate, down and up
 */
export function gatedFeedForward(
  x: Value,
  [gate, down, up]: readonly [gate: string, down: string, up: string],
  hidden: number,
): Value {
  const bare = { bias: false };
  const gated = multiply(silu(linearLayer(x, gate, hidden, bare)), linearLayer(x, up, hidden, bare));
  return linearLayer(gated, down, x.shape.at(-1)!, bare);
}

/** Inputs of a LLaMA decoder. */
export interface LlamaInputs {
  /** Token numbers `[batch, length]`, int32 or int64. */
  readonly tokens: Value;
  /** 1 for tokens, 0 for padding, float32 `[batch, length]`; no padding where it is left out. */
  readonly mask?: Value;
  /** Position of each token `[batch, length]`, for padding on the left; 0, 1, 2, ... where it is left out. */
  readonly positions?: Value;
  /** For writing token by token. */
  readonly decoding?: Decoding;
}

/** What a LLaMA decoder gives before its last layer. */
export interface LlamaStates {
  /** The embeddings, then the result of each layer: `[batch, length, width]`. */
  readonly hidden: readonly Value[];
  /** Result of each layer's attention, before the addition. */
  readonly attended: readonly Value[];
  /** After the last normalization, `[batch, length, width]`. */
  readonly final: Value;
}

/** What a LLaMA decoder gives. */
export interface LlamaOutputs extends LlamaStates {
  /** `[batch, length, vocabularySize]`, of the states that `decoding` selects */
  readonly logits: Value;
}

/** Logits `[batch, length, vocabularySize]` of last hidden states. */
export function llamaLogits(final: Value, { checkpoint, tiedOutput, vocabularySize, width }: LlamaConfig): Value {
  const { embedding, head } = names[checkpoint];
  if (!tiedOutput) return linearLayer(final, head, vocabularySize, { bias: false });
  return linear(final, final.graph.parameter(`${embedding}.weight`, [vocabularySize, width], transformerInit));
}

/** All layers of a LLaMA decoder before its last; see `llama`. */
export function llamaStates(
  inputs: LlamaInputs,
  config: LlamaConfig,
  feedForward?: (x: Value, layer: string) => Value,
): LlamaStates {
  const { tokens, mask, decoding = {} } = inputs;
  const { continuation, attendTo } = decoding;
  const positions = continuation?.positions ?? inputs.positions;
  const { width, heads, epsilon, vocabularySize } = config;
  const name = names[config.checkpoint];
  const bias = decodingBias(tokens, decoding, mask);
  let angles: RotaryAngles | undefined;
  const rotate = (x: Value): Value => {
    // Every layer turns by the same angles.
    angles ??= rotaryAngles(x, {
      theta: config.rotaryTheta,
      layout: config.checkpoint === "meta" ? "interleaved" : "halfSplit",
      ...(positions ? { positions, maximumPositions: continuation?.slots ?? config.maximumPositions } : {}),
    });
    return rotateFeatures(x, angles);
  };
  const { vectors } = embeddingLayer(tokens, name.embedding, vocabularySize, width, {
    paddingToken: config.paddingToken,
  });
  const hidden = [vectors];
  const attended: Value[] = [];
  for (let i = 0; i < config.depth; i++) {
    const layer = name.layer(i);
    const block = (x: Value): Value => {
      const at = (part: string): string => `${layer}.${part}`;
      const { output } = multiHeadAttention(rmsNormLayer(x, at(name.attentionNorm), epsilon), {
        heads,
        keyValueHeads: config.keyValueHeads ?? heads,
        projections: { query: at(name.query), key: at(name.key), value: at(name.value), output: at(name.output) },
        biases: false,
        bias,
        rotate,
        ...(attendTo ? { attendTo } : {}),
      });
      attended.push(output);
      const middle = add(x, output);
      const normed = rmsNormLayer(middle, at(name.feedForwardNorm), epsilon);
      const [gate, down, up] = name.feedForward;
      const expanded =
        feedForward?.(normed, layer) ?? gatedFeedForward(normed, [at(gate), at(down), at(up)], config.hiddenWidth);
      return add(middle, expanded);
    };
    hidden.push(tokens.graph.block(layer, () => block(hidden.at(-1)!)));
  }
  const final = rmsNormLayer(hidden.at(-1)!, name.norm, epsilon);
  return { hidden, attended, final };
}

/**
 * LLaMA decoder (Touvron et al. 2023; grouped queries as in LLaMA 2) with the parameter names of Hugging Face
 * (transformers, `modeling_llama.py`) or of Meta's checkpoints (karpathy/llama2.c, `model.py`).
 *
 * @param feedForward replaces the perceptron of a layer, for mixtures of experts
 */
export function llama(
  inputs: LlamaInputs,
  config: LlamaConfig,
  feedForward?: (x: Value, layer: string) => Value,
): LlamaOutputs {
  const states = llamaStates(inputs, config, feedForward);
  return { ...states, logits: llamaLogits(inputs.decoding?.select?.(states.final) ?? states.final, config) };
}
