import { z } from "zod";
import {
  hiddenActivationSchema,
  publishedActivation,
  publishedActivationSchema,
} from "../layers/hidden-activations.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { rotaryFromKeys, rotaryKeys, rotaryToKeys } from "../layers/hugging-face-rotary.ts";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import { rotaryScalingSchema } from "../layers/rotary-scaling.ts";

/** Configuration of a LLaMA decoder; the defaults are those of LLaMA 7B. */
export const llamaConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(32000),
  width: z.int().positive().default(4096),
  depth: z.int().positive().default(32),
  heads: z.int().positive().default(32),
  /** Heads of keys and values; divides the heads. As many as heads by default. */
  keyValueHeads: z.int().positive().optional(),
  /** Width of a head; the width divided by the heads by default. */
  headWidth: z.int().positive().optional(),
  hiddenWidth: z.int().positive().default(11008),
  maximumPositions: z.int().positive().default(2048),
  epsilon: z.number().positive().default(1e-6),
  rotaryTheta: z.number().positive().default(10000),
  /** Share of each head's features that positions turn. */
  rotaryFraction: z.number().positive().max(1).default(1),
  /** How positions are stretched for texts that are longer than those that the model was first trained on. */
  rotaryScaling: rotaryScalingSchema.optional(),
  /** Nonlinearity of the gate. */
  activation: hiddenActivationSchema.default("silu"),
  /** Biases of the attention: of all four projections, or of queries, keys and values alone as in Qwen2. */
  attentionBias: z.enum(["none", "input", "all"]).default("none"),
  /** Biases of the perceptrons. */
  feedForwardBias: z.boolean().default(false),
  /** Whether queries and keys of each head are normalised, as in Qwen3. */
  queryKeyNorm: z.boolean().default(false),
  /** Tokens that a token sees, itself included; all before it where it is left out. */
  window: z.int().positive().optional(),
  /** Layers that see the window alone; all where it is left out. */
  windowLayers: z.array(z.int().nonnegative()).optional(),
  /** Whether the output layer shares the table of token vectors. */
  tiedOutput: z.boolean().default(false),
  paddingToken: z.int().nonnegative().nullable().default(null),
  /** Whose parameter names and rotary layout: `huggingFace` (half-split), or `meta` (interleaved). */
  checkpoint: z.enum(["huggingFace", "meta"]).default("huggingFace"),
});

/** Configuration of a LLaMA decoder. */
export type LlamaConfig = z.infer<typeof llamaConfigSchema>;

const off = z.literal(false).default(false);
const layerTypes = z.array(z.enum(["full_attention", "sliding_attention"])).nullish();
const onlyFull = z.array(z.literal("full_attention")).nullish();

/** Keys that LLaMA and the models built on it share. */
const sharedSchema = z.object({
  vocab_size: z.int().positive(),
  hidden_size: z.int(),
  num_hidden_layers: z.int(),
  num_attention_heads: z.int(),
  num_key_value_heads: z.int().nullish(),
  head_dim: z.int().nullish(),
  intermediate_size: z.int(),
  ...rotaryKeys,
  rms_norm_eps: z.number().default(1e-6),
  hidden_act: publishedActivationSchema("silu"),
  attention_bias: z.boolean().default(false),
  mlp_bias: off,
  tie_word_embeddings: z.boolean().default(false),
  pad_token_id: z.int().nullish(),
  use_sliding_window: z.boolean().default(false),
  sliding_window: z.int().positive().nullable().default(null),
  max_window_layers: z.int().nonnegative().default(28),
  layer_types: layerTypes,
});

/** Windows of all layers; the class knows no others. */
const everyLayerSlides = {
  use_sliding_window: off,
  layer_types: z.array(z.literal("sliding_attention")).nullish(),
};

/** Keys of each `model_type`, with the defaults of its class of configurations. */
const schemas = {
  llama: sharedSchema.extend({
    mlp_bias: z.boolean().default(false),
    use_sliding_window: off,
    sliding_window: z.null().default(null),
    layer_types: onlyFull,
    // Slices of a matrix product: the same numbers, summed in another order.
    pretraining_tp: z.int().positive().nullish(),
  }),
  mistral: sharedSchema.extend({
    num_key_value_heads: z.int().nullable().default(8),
    attention_bias: off,
    sliding_window: z.int().positive().nullable().default(4096),
    ...everyLayerSlides,
  }),
  mixtral: sharedSchema.extend({
    num_key_value_heads: z.int().nullable().default(8),
    attention_bias: off,
    rms_norm_eps: z.number().default(1e-5),
    ...everyLayerSlides,
    num_local_experts: z.int().default(8),
    num_experts_per_tok: z.int().default(2),
  }),
  qwen2: sharedSchema.extend({
    num_key_value_heads: z.int().nullable().default(32),
    attention_bias: off,
    sliding_window: z.int().positive().nullable().default(4096),
  }),
  qwen3: sharedSchema.extend({
    num_key_value_heads: z.int().nullable().default(32),
    head_dim: z.int().nullable().default(128),
    sliding_window: z.int().positive().nullable().default(4096),
  }),
};

type Kind = keyof typeof schemas;
type Read = z.output<typeof sharedSchema>;

/** Names of the classes of each `model_type`. */
const classes: Readonly<Record<Kind, string>> = {
  llama: "Llama",
  mistral: "Mistral",
  mixtral: "Mixtral",
  qwen2: "Qwen2",
  qwen3: "Qwen3",
};

/** What acts in training only. */
const neutralKeys = keysIn("attention_dropout output_router_logits router_aux_loss_coef router_jitter_noise");

/** Which layers see a window, and how wide it is. */
function windowOf(read: Read, kind: Kind): Pick<LlamaConfig, "window" | "windowLayers"> {
  const isQwen = kind === "qwen2" || kind === "qwen3";
  const width = isQwen && !read.use_sliding_window ? null : read.sliding_window;
  if (width === null) return {};
  if (!isQwen) return { window: width };
  const all = Array.from({ length: read.num_hidden_layers }, (_, i) => i);
  const types = read.layer_types;
  const sliding = all.filter((i) => (types ? types[i] === "sliding_attention" : i >= read.max_window_layers));
  if (sliding.length === 0) return {};
  return { window: width, ...(sliding.length === all.length ? {} : { windowLayers: sliding }) };
}

const biasesOf = (kind: Kind, attentionBias: boolean): LlamaConfig["attentionBias"] =>
  kind === "qwen2" ? "input" : attentionBias ? "all" : "none";

/**
 * Reads the keys of one kind of decoder.
 *
 * @param what name for messages
 */
function readKeys<K extends Kind>(what: string, kind: K, config: unknown) {
  const read = readHuggingFaceConfig(what, schemas[kind], config, {
    types: [kind],
    classes: [classes[kind]],
    neutral: neutralKeys,
  }) as z.output<(typeof schemas)[K]> & Read;
  // PyTorch counts a negative number of a row from the end of the table.
  const padding = read.pad_token_id ?? null;
  const settings: z.input<typeof llamaConfigSchema> = {
    vocabularySize: read.vocab_size,
    width: read.hidden_size,
    depth: read.num_hidden_layers,
    heads: read.num_attention_heads,
    keyValueHeads: read.num_key_value_heads ?? undefined,
    ...(typeof read.head_dim === "number" && read.head_dim * read.num_attention_heads !== read.hidden_size
      ? { headWidth: read.head_dim }
      : {}),
    hiddenWidth: read.intermediate_size,
    maximumPositions: read.max_position_embeddings,
    epsilon: read.rms_norm_eps,
    ...rotaryFromKeys(read, kind === "mixtral" ? 1e6 : 10000),
    activation: read.hidden_act,
    attentionBias: biasesOf(kind, read.attention_bias),
    feedForwardBias: read.mlp_bias,
    queryKeyNorm: kind === "qwen3",
    ...windowOf(read, kind),
    tiedOutput: read.tie_word_embeddings,
    paddingToken: padding !== null && padding < 0 ? read.vocab_size + padding : padding,
  };
  return { read, settings };
}

/** The `model_type` values that `llamaConfigFromHuggingFace` reads: decoders that are LLaMA's but for settings. */
export const llamaTypes = ["llama", "mistral", "qwen2", "qwen3"] as const;

/** What a file is, by its `model_type`, or its class where it states none; LLaMA where it says neither. */
function kindOf(config: unknown): Kind {
  const { model_type: type, architectures } = (config ?? {}) as Readonly<Record<string, unknown>>;
  const [first] = Array.isArray(architectures) ? (architectures as unknown[]) : [];
  return (
    llamaTypes.find((kind) => (type === undefined ? String(first).startsWith(classes[kind]) : type === kind)) ?? "llama"
  );
}

/** Begins the message about settings that do not fit. */
const origin = (what: string): string => `this config.json is no ${what} that can be built`;

/**
 * Configuration from the `config.json` of a LLaMA, Mistral, Qwen2 or Qwen3 checkpoint.
 *
 * @throws VesaliusError `bad-configuration` where keys are missing or ask for another architecture
 */
export const llamaConfigFromHuggingFace = (config: unknown): LlamaConfig =>
  readPublishedConfig(origin("LLaMA"), llamaConfigSchema, readKeys("LLaMA", kindOf(config), config).settings);

/** Settings of a Mixtral checkpoint; see `mixtralConfigFromHuggingFace`. */
export function mixtralSettings(config: unknown) {
  const { read, settings } = readKeys("Mixtral", "mixtral", config);
  return { ...settings, experts: read.num_local_experts, expertsPerToken: read.num_experts_per_tok };
}

/** The `model_type` of transformers whose class computes the same. */
function publishedType(config: LlamaConfig): string {
  const { window, windowLayers, attentionBias, feedForwardBias, queryKeyNorm } = config;
  // transformers has no class for Meta's names of parameters.
  if (config.checkpoint === "meta") return "vesalius-llama";
  if (feedForwardBias || (attentionBias === "all" && !queryKeyNorm))
    return window === undefined && attentionBias !== "input" && !queryKeyNorm ? "llama" : "vesalius-llama";
  if (queryKeyNorm) return attentionBias === "input" ? "vesalius-llama" : "qwen3";
  if (attentionBias === "input") return "qwen2";
  if (window === undefined) return "llama";
  return windowLayers === undefined ? "mistral" : "vesalius-llama";
}

/** `config.json` of a LLaMA decoder, as that of the class of transformers that computes the same, where there is one. */
export function llamaConfigToHuggingFace(config: LlamaConfig): Readonly<Record<string, unknown>> {
  const type = publishedType(config);
  const { window, windowLayers } = config;
  const layer = (i: number): string => ((windowLayers?.includes(i) ?? true) ? "sliding_attention" : "full_attention");
  const windows =
    type === "mistral"
      ? { sliding_window: window }
      : {
          use_sliding_window: true,
          sliding_window: window,
          layer_types: Array.from({ length: config.depth }, (_, i) => layer(i)),
        };
  return {
    model_type: type,
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    num_hidden_layers: config.depth,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads ?? config.heads,
    head_dim: config.headWidth ?? Math.trunc(config.width / config.heads),
    intermediate_size: config.hiddenWidth,
    max_position_embeddings: config.maximumPositions,
    rms_norm_eps: config.epsilon,
    ...rotaryToKeys(config),
    hidden_act: publishedActivation(config.activation),
    ...(type === "qwen2" ? {} : { attention_bias: config.attentionBias === "all" }),
    ...(config.feedForwardBias ? { mlp_bias: true } : {}),
    ...(window === undefined ? {} : windows),
    tie_word_embeddings: config.tiedOutput,
    pad_token_id: config.paddingToken,
  };
}
