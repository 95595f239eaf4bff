import { z } from "zod";
import type { Value } from "../../graph/index.ts";
import { type CausalDecoder, gpt2Decoder, llamaDecoder, mixtralDecoder } from "../decoders.ts";
import { linearLayer } from "../layers/linear.ts";
import { lastPlace } from "../layers/pooling.ts";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { architectureEntry, type Head, type Mode, type Network } from "../network.ts";
import { known } from "../network-inputs.ts";
import {
  type Gpt2Config,
  gpt2ConfigFromHuggingFace,
  gpt2ConfigSchema,
  gpt2ConfigToHuggingFace,
  gpt2Layers,
  gpt2Logits,
} from "./gpt2.ts";
import {
  type LlamaConfig,
  llamaConfigFromHuggingFace,
  llamaConfigSchema,
  llamaConfigToHuggingFace,
  llamaLogits,
  llamaStates,
  llamaTypes,
} from "./llama.ts";
import { type MambaConfig, mamba, mambaConfigSchema, mambaLogits } from "./mamba.ts";
import { type MixtralConfig, mixtralConfigFromHuggingFace, mixtralConfigSchema, mixtralStates } from "./mixtral.ts";
import { placesOf, textRole, type TokenInputs, tokenNetwork } from "./token-network.ts";

/** Rows of the table of tokens; as many as the tokenizer has tokens where they are left out. */
const vocabularySize = z.int().positive().optional();

/** What makes a network of a causal decoder. */
interface CausalParts<Config extends { readonly vocabularySize: number }> {
  readonly name: string;
  readonly schema: z.ZodType<Config>;
  readonly longest?: (config: Config) => number;
  /** Whether a padding token is a setting. */
  readonly padding?: boolean;
  readonly final: (inputs: TokenInputs, config: Config, mode: Mode) => Value;
  readonly logits: (final: Value, config: Config) => Value;
  readonly decoder?: (config: Config) => CausalDecoder;
  readonly block: RegExp;
  readonly embeddings: RegExp;
  /** The layer of a model with an output layer of its own, and what a checkpoint holds beside. */
  readonly mayDiffer: (parameter: string) => "new" | "left" | "either" | undefined;
  readonly toFile?: (config: Config) => Readonly<Record<string, unknown>>;
}

/** Settings of a decoder: its configuration, where the vocabulary may be open. */
type Open<Config> = Omit<Config, "vocabularySize"> & { readonly vocabularySize?: number | undefined };

/**
 * A causal decoder as a network: the last token's state stands for a text, `score` tells classes of texts apart as in
 * transformers' models for sequence classification, `classifier` those of tokens.
 */
function causalNetwork<Config extends { readonly vocabularySize: number; readonly depth: number }>(
  parts: CausalParts<Config>,
): (settings: Open<Config>) => Network {
  const make = (settings: Open<Config>): Network => {
    const config = (): Config =>
      parts.schema.parse({ ...settings, vocabularySize: known(settings.vocabularySize, "vocabularySize", parts.name) });
    const depth = (settings as unknown as Config).depth;
    const classify: Head = ({ pooled }, outputs) => ({
      logits: linearLayer(pooled, "score", outputs, { bias: false }),
    });
    const longest = parts.longest?.(settings as unknown as Config);
    return tokenNetwork<Open<Config>>({
      name: parts.name,
      settings,
      again: make,
      ...(longest === undefined ? {} : { longest }),
      ...(parts.padding ? { special: { paddingToken: "padding" } } : {}),
      build(inputs, mode) {
        const places = parts.final(inputs, config(), mode);
        return {
          pooled: lastPlace(places, inputs.mask),
          places,
          ...(inputs.mask === undefined ? {} : { mask: inputs.mask }),
        };
      },
      causal: true,
      layers: depth,
      layerOf: stackedLayer(depth, parts.block, parts.embeddings),
      heads: {
        vocabulary: (features) => ({ logits: parts.logits(placesOf(features), config()) }),
        classes: classify,
        tokens: (features, outputs) => ({ logits: linearLayer(placesOf(features), "classifier", outputs) }),
      },
      mayDiffer: (parameter) => (/^(score|classifier)\./.test(parameter) ? "either" : parts.mayDiffer(parameter)),
      ...(parts.decoder === undefined ? {} : { decoder: () => parts.decoder!(config()) }),
      ...(parts.toFile === undefined ? {} : { toFile: () => parts.toFile!(config()) }),
    });
  };
  return make;
}

/** GPT-2 in the catalogue of architectures. */
export const gpt2Architecture = architectureEntry({
  name: "gpt2",
  summary: "Causal transformer over tokens, with the parameter names of Hugging Face and nanoGPT",
  paper: "Radford et al. 2019, Language Models are Unsupervised Multitask Learners",
  settings: gpt2ConfigSchema.extend({ vocabularySize }),
  roles: { [textRole]: "texts, sequences or molecules" },
  presets: {
    nano: { width: 16, depth: 1, heads: 2 },
    micro: { width: 128, depth: 2, heads: 4 },
    small: { width: 384, depth: 6, heads: 6 },
    base: {},
    medium: { width: 1024, depth: 24, heads: 16 },
  },
  create: causalNetwork<Gpt2Config>({
    name: "gpt2",
    schema: gpt2ConfigSchema,
    longest: ({ contextLength }) => contextLength,
    final: ({ tokens, mask }, config, mode) => gpt2Layers(tokens, config, mask, {}, mode).final,
    logits: gpt2Logits,
    decoder: gpt2Decoder,
    block: /^transformer\.h\.(\d+)\./,
    embeddings: /^transformer\.w[tp]e\./,
    // The tied output layer a second time, and masks that follow from the length.
    mayDiffer: (parameter) => (/^lm_head\.|\.attn\.(bias|masked_bias)$/.test(parameter) ? "left" : undefined),
    toFile: gpt2ConfigToHuggingFace,
  }),
  fromFile: (json) => (json["model_type"] === "gpt2" ? { settings: gpt2ConfigFromHuggingFace(json) } : undefined),
});

const llamaBlock = /^(?:model\.)?layers\.(\d+)\./;
const llamaEmbeddings = /^(model\.embed_tokens|tok_embeddings)\./;
const llamaDiffers = (parameter: string): "left" | "either" | undefined => {
  if (/^(lm_head|output)\./.test(parameter)) return "either";
  return /rotary_emb\.inv_freq$|^freqs_/.test(parameter) ? "left" : undefined;
};

/** LLaMA in the catalogue of architectures. */
export const llamaArchitecture = architectureEntry({
  name: "llama",
  summary:
    "Causal transformer with rotary positions and gated perceptrons, with the parameter names of Hugging Face or Meta",
  paper: "Touvron et al. 2023, LLaMA: Open and Efficient Foundation Language Models",
  settings: llamaConfigSchema.extend({ vocabularySize }),
  roles: { [textRole]: "texts, sequences or molecules" },
  presets: {
    nano: { width: 16, depth: 1, heads: 2, hiddenWidth: 32 },
    micro: { width: 128, depth: 2, heads: 4, hiddenWidth: 352 },
    small: { width: 384, depth: 6, heads: 6, hiddenWidth: 1024 },
    "7b": {},
  },
  create: causalNetwork<LlamaConfig>({
    name: "llama",
    schema: llamaConfigSchema,
    longest: ({ maximumPositions }) => maximumPositions,
    padding: true,
    final: (inputs, config) => llamaStates(inputs, config).final,
    logits: llamaLogits,
    decoder: llamaDecoder,
    block: llamaBlock,
    embeddings: llamaEmbeddings,
    mayDiffer: llamaDiffers,
    toFile: llamaConfigToHuggingFace,
  }),
  fromFile: (json) =>
    llamaTypes.some((type) => type === json["model_type"]) ? { settings: llamaConfigFromHuggingFace(json) } : undefined,
});

/** Mixtral in the catalogue of architectures. */
export const mixtralArchitecture = architectureEntry({
  name: "mixtral",
  summary: "LLaMA decoder whose perceptrons are mixtures of experts, with the parameter names of Hugging Face",
  paper: "Jiang et al. 2024, Mixtral of Experts",
  settings: mixtralConfigSchema.extend({ vocabularySize }),
  roles: { [textRole]: "texts, sequences or molecules" },
  presets: {
    nano: { width: 16, depth: 1, heads: 2, keyValueHeads: 1, hiddenWidth: 32, experts: 3 },
    micro: { width: 128, depth: 2, heads: 4, keyValueHeads: 2, hiddenWidth: 256, experts: 4 },
    "8x7b": {},
  },
  create: causalNetwork<MixtralConfig>({
    name: "mixtral",
    schema: mixtralConfigSchema,
    longest: ({ maximumPositions }) => maximumPositions,
    padding: true,
    final: (inputs, config) => mixtralStates(inputs, config).final,
    logits: llamaLogits,
    decoder: mixtralDecoder,
    block: llamaBlock,
    embeddings: llamaEmbeddings,
    mayDiffer: llamaDiffers,
  }),
  fromFile: (json) => (json["model_type"] === "mixtral" ? { settings: mixtralConfigFromHuggingFace(json) } : undefined),
});

/** Mamba in the catalogue of architectures. */
export const mambaArchitecture = architectureEntry({
  name: "mamba",
  summary: "Causal selective state space model over tokens, with the parameter names of the published checkpoints",
  paper: "Gu and Dao 2023, Mamba: Linear-Time Sequence Modeling with Selective State Spaces",
  settings: mambaConfigSchema.extend({ vocabularySize }),
  roles: { [textRole]: "texts, sequences or molecules" },
  presets: {
    nano: { width: 16, depth: 1, stateWidth: 4 },
    micro: { width: 128, depth: 4 },
    base: {},
  },
  create: causalNetwork<MambaConfig>({
    name: "mamba",
    schema: mambaConfigSchema,
    final: ({ tokens }, config) => mamba(tokens, config).final,
    logits: mambaLogits,
    block: /^layers\.(\d+)\./,
    embeddings: /^embedding\./,
    mayDiffer: (parameter) => (parameter.startsWith("lm_head.") ? "left" : undefined),
  }),
});
