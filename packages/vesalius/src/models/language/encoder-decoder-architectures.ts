import { z } from "zod";
import type { Value } from "../../graph/index.ts";
import { bartGenerator, type EncoderDecoder, type StartOptions, t5Generator } from "../decoders.ts";
import { linearLayer } from "../layers/linear.ts";
import { meanOverPlaces } from "../layers/pooling.ts";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { architectureEntry, type Network } from "../network.ts";
import { known } from "../network-inputs.ts";
import { type BartConfig, bartConfigFromHuggingFace, bartConfigSchema, bartEncoder } from "./bart.ts";
import { type T5Config, t5ConfigFromHuggingFace, t5ConfigSchema, t5Encoder } from "./t5.ts";
import { placesOf, textRole, type TokenInputs, tokenNetwork } from "./token-network.ts";

/** Rows of the table of tokens; as many as the tokenizer has tokens where they are left out. */
const vocabularySize = z.int().positive().optional();

/** What makes a network of an encoder-decoder. */
interface EncoderDecoderParts<Config> {
  readonly name: string;
  readonly schema: z.ZodType<Config>;
  readonly longest?: (config: Config) => number;
  readonly padding: boolean;
  readonly encode: (inputs: TokenInputs, config: Config) => Value;
  readonly decoder: (config: Config, options: StartOptions) => EncoderDecoder;
  readonly startTokens: readonly number[];
  readonly block: RegExp;
  readonly embeddings: RegExp;
  /** What of a checkpoint the encoder has no place for. */
  readonly decoderParts: RegExp;
}

/** Settings of an encoder-decoder: its configuration, where the vocabulary may be open. */
type Open<Config> = Omit<Config, "vocabularySize"> & { readonly vocabularySize?: number | undefined };

/** An encoder-decoder as a network: its encoder gives the features, the whole writes texts. */
function encoderDecoderNetwork<Config extends { readonly encoderDepth: number; readonly vocabularySize: number }>(
  parts: EncoderDecoderParts<Config>,
): (settings: Open<Config>) => Network {
  const make = (settings: Open<Config>): Network => {
    const config = (): Config =>
      parts.schema.parse({ ...settings, vocabularySize: known(settings.vocabularySize, "vocabularySize", parts.name) });
    const { encoderDepth } = settings as unknown as Config;
    const longest = parts.longest?.(settings as unknown as Config);
    return tokenNetwork<Open<Config>>({
      name: parts.name,
      settings,
      again: make,
      ...(longest === undefined ? {} : { longest }),
      ...(parts.padding ? { special: { paddingToken: "padding" } } : {}),
      build(inputs) {
        const places = parts.encode(inputs, config());
        const mask = inputs.mask === undefined ? {} : { mask: inputs.mask };
        return { pooled: meanOverPlaces(places, inputs.mask), places, ...mask };
      },
      layers: encoderDepth,
      layerOf: stackedLayer(encoderDepth, parts.block, parts.embeddings),
      heads: {
        classes: ({ pooled }, outputs) => ({ logits: linearLayer(pooled, "classifier", outputs) }),
        tokens: (features, outputs) => ({ logits: linearLayer(placesOf(features), "classifier", outputs) }),
      },
      mayDiffer(parameter) {
        if (parameter.startsWith("classifier.")) return "either";
        return parts.decoderParts.test(parameter) ? "left" : undefined;
      },
      startTokens: parts.startTokens,
      decoder: () => parts.decoder(config(), { startTokens: parts.startTokens }),
    });
  };
  return make;
}

/** BART in the catalogue of architectures. */
export const bartArchitecture = architectureEntry({
  name: "bart",
  summary: "Encoder-decoder over tokens with absolute positions, with the parameter names of Hugging Face",
  paper: "Lewis et al. 2020, BART: Denoising Sequence-to-Sequence Pre-training",
  settings: bartConfigSchema.extend({ vocabularySize }),
  roles: { [textRole]: "texts, sequences or molecules" },
  presets: {
    nano: {
      width: 16,
      encoderDepth: 1,
      decoderDepth: 1,
      encoderHeads: 2,
      decoderHeads: 2,
      encoderHiddenWidth: 32,
      decoderHiddenWidth: 32,
    },
    micro: {
      width: 128,
      encoderDepth: 2,
      decoderDepth: 2,
      encoderHeads: 4,
      decoderHeads: 4,
      encoderHiddenWidth: 512,
      decoderHiddenWidth: 512,
    },
    base: {},
  },
  create: encoderDecoderNetwork<BartConfig>({
    name: "bart",
    schema: bartConfigSchema,
    longest: ({ maximumPositions }) => maximumPositions,
    padding: true,
    encode: (inputs, config) => bartEncoder(inputs, config).at(-1)!,
    decoder: bartGenerator,
    startTokens: [2],
    block: /^model\.encoder\.layers\.(\d+)\./,
    embeddings: /^model\.(shared|encoder\.(embed_|layernorm_embedding))/,
    decoderParts: /^(model\.decoder\.|final_logits_bias|lm_head\.|model\.encoder\.embed_tokens\.)/,
  }),
  fromFile: (json) => (json["model_type"] === "bart" ? { settings: bartConfigFromHuggingFace(json) } : undefined),
});

/** T5 in the catalogue of architectures. */
export const t5Architecture = architectureEntry({
  name: "t5",
  summary: "Encoder-decoder over tokens with relative positions, with the parameter names of Hugging Face",
  paper: "Raffel et al. 2020, Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer",
  settings: t5ConfigSchema.extend({ vocabularySize }),
  roles: { [textRole]: "texts, sequences or molecules" },
  presets: {
    nano: { width: 16, headWidth: 8, heads: 2, hiddenWidth: 32, encoderDepth: 1, decoderDepth: 1 },
    micro: { width: 128, headWidth: 32, heads: 4, hiddenWidth: 512, encoderDepth: 2, decoderDepth: 2 },
    base: {},
  },
  create: encoderDecoderNetwork<T5Config>({
    name: "t5",
    schema: t5ConfigSchema,
    padding: false,
    encode: (inputs, config) => t5Encoder(inputs, config).final,
    decoder: t5Generator,
    startTokens: [0],
    // The table of relative positions lies in the first block, and all blocks use it.
    block: /^encoder\.block\.(\d+)\.(?!layer\.0\.SelfAttention\.relative_attention_bias)/,
    embeddings: /^(shared\.|encoder\.block\.0\.layer\.0\.SelfAttention\.relative)/,
    decoderParts: /^(decoder\.|lm_head\.|encoder\.embed_tokens\.)/,
  }),
  fromFile: (json) =>
    ["t5", "mt5"].includes(String(json["model_type"])) ? { settings: t5ConfigFromHuggingFace(json) } : undefined,
});
