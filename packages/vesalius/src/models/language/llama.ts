import { add, linear, multiply, type Value } from "../../graph/index.ts";
import { multiHeadAttention } from "../layers/attention.ts";
import { type Decoding, decodingBias } from "../layers/decoding.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { type HiddenActivation, hiddenActivations } from "../layers/hidden-activations.ts";
import { linearLayer, rmsNormLayer, transformerInit } from "../layers/linear.ts";
import { rotaryAngles, type RotaryAngles, rotateFeatures } from "../layers/rotary.ts";
import type { LlamaConfig } from "./llama-config.ts";

export * from "./llama-config.ts";

const names = {
  huggingFace: {
    embedding: "model.embed_tokens",
    layer: (i: number) => `model.layers.${i}`,
    attentionNorm: "input_layernorm",
    query: "self_attn.q_proj",
    key: "self_attn.k_proj",
    value: "self_attn.v_proj",
    output: "self_attn.o_proj",
    queryNorm: "self_attn.q_norm",
    keyNorm: "self_attn.k_norm",
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
    queryNorm: "attention.q_norm",
    keyNorm: "attention.k_norm",
    feedForwardNorm: "ffn_norm",
    feedForward: ["feed_forward.w1", "feed_forward.w2", "feed_forward.w3"],
    norm: "norm",
    head: "output",
  },
} as const;

/**
 * Gated perceptron of Shazeer (2020), SwiGLU by default: `down(activation(gate(x)) * up(x))`.
 *
 * @param x `[..., width]`
 * @param layers full names of gate, down and up
 */
export function gatedFeedForward(
  x: Value,
  [gate, down, up]: readonly [gate: string, down: string, up: string],
  hidden: number,
  { activation = "silu", bias = false }: { readonly activation?: HiddenActivation; readonly bias?: boolean } = {},
): Value {
  const layer = { bias };
  const active = hiddenActivations[activation](linearLayer(x, gate, hidden, layer));
  return linearLayer(multiply(active, linearLayer(x, up, hidden, layer)), down, x.shape.at(-1)!, layer);
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
  const biases = new Map<number | undefined, Value>();
  /** What the layers of one kind add to their scores. */
  const biasOf = (layer: number): Value => {
    const window = (config.windowLayers?.includes(layer) ?? true) ? config.window : undefined;
    const bias = biases.get(window) ?? decodingBias(tokens, decoding, mask, window);
    biases.set(window, bias);
    return bias;
  };
  let angles: RotaryAngles | undefined;
  const rotate = (x: Value): Value => {
    // Every layer turns by the same angles.
    angles ??= rotaryAngles(x, {
      theta: config.rotaryTheta,
      scaling: config.rotaryScaling,
      fraction: config.rotaryFraction,
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
      const normed = (y: Value, part: "query" | "key"): Value =>
        config.queryKeyNorm ? rmsNormLayer(y, at(name[`${part}Norm`]), epsilon) : y;
      const { output } = multiHeadAttention(rmsNormLayer(x, at(name.attentionNorm), epsilon), {
        heads,
        keyValueHeads: config.keyValueHeads ?? heads,
        projections: { query: at(name.query), key: at(name.key), value: at(name.value), output: at(name.output) },
        ...(config.headWidth === undefined ? {} : { headWidth: config.headWidth }),
        biases: { input: config.attentionBias !== "none", output: config.attentionBias === "all" },
        bias: biasOf(i),
        rotate: (y, part) => rotate(normed(y, part)),
        ...(attendTo ? { attendTo } : {}),
      });
      attended.push(output);
      const middle = add(x, output);
      const second = rmsNormLayer(middle, at(name.feedForwardNorm), epsilon);
      const [gate, down, up] = name.feedForward;
      const options = { activation: config.activation, bias: config.feedForwardBias };
      const expanded =
        feedForward?.(second, layer) ??
        gatedFeedForward(second, [at(gate), at(down), at(up)], config.hiddenWidth, options);
      return add(middle, expanded);
    };
    hidden.push(tokens.graph.block(layer, () => block(hidden.at(-1)!)));
  }
  const final = rmsNormLayer(hidden.at(-1)!, name.norm, epsilon);
  return { hidden, attended, final };
}

/**
 * LLaMA decoder (Touvron et al. 2023; grouped queries as in LLaMA 2) with the parameter names of Hugging Face
 * (transformers, `modeling_llama.py`) or of Meta's checkpoints (karpathy/llama2.c, `model.py`); by its settings also
 * Mistral, Qwen2 and Qwen3.
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
