import { concat, type Value } from "../../graph/index.ts";
import { maximumOverPlaces, meanOverPlaces } from "../layers/pooling.ts";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { architectureEntry, type Features, type Head, type Network, type Outputs } from "../network.ts";
import { known } from "../network-inputs.ts";
import {
  bertClassifier,
  type BertConfig,
  bertConfigFromHuggingFace,
  bertConfigSchema,
  bertConfigToHuggingFace,
  bertLayers,
  bertMaskedLanguageHead,
  bertNextSentenceHead,
  bertPooler,
  type BertSettings,
  bertSettingsSchema,
} from "./bert.ts";
import { suggestBert } from "../suggestions/bert.ts";
import { placesOf, textRole, tokenNetwork } from "./token-network.ts";

/** What stands for a whole input: the pooled first token, or the mean (and maximum) of all places. */
export function poolBert(x: Value, mask: Value | undefined, config: BertConfig): Value {
  if (config.pooling === "token") return bertPooler(x, config);
  const mean = meanOverPlaces(x, mask);
  return config.pooling === "mean" ? mean : concat([mean, maximumOverPlaces(x, mask)], 1);
}

/** Heads of an encoder of BERT's shape. */
export function bertHeads(config: () => BertConfig): Readonly<Record<string, Head>> {
  const classify =
    (from: (features: Features) => Value): Head =>
    (features, outputs, mode): Outputs => {
      const { classifierDropout, dropout } = config();
      return { logits: bertClassifier(from(features), outputs, classifierDropout ?? dropout, mode) };
    };
  return {
    classes: classify(({ pooled }) => pooled),
    tokens: classify(placesOf),
    vocabulary: (features) => ({
      logits: bertMaskedLanguageHead(placesOf(features), config(), "bert.", features.also?.["tokens"]?.shape[1]),
    }),
    nextSentence: ({ pooled }) => ({ logits: bertNextSentenceHead(pooled) }),
  };
}

function bertNetwork(settings: BertSettings): Network {
  const config = (): BertConfig =>
    bertConfigSchema.parse({ ...settings, vocabularySize: known(settings.vocabularySize, "vocabularySize", "bert") });
  return tokenNetwork({
    name: "bert",
    settings,
    again: bertNetwork,
    longest: settings.maximumPositions,
    special: { paddingToken: "padding" },
    fit: ({ featureRows }) => (typeof featureRows === "number" ? { featureRows } : {}),
    build(inputs, mode) {
      const { hidden, mask } = bertLayers(inputs, config(), mode);
      const places = hidden.at(-1)!;
      return { pooled: poolBert(places, mask, config()), places, ...(mask === undefined ? {} : { mask }) };
    },
    layers: settings.depth,
    layerOf: stackedLayer(
      settings.depth,
      /^bert\.encoder\.layer\.(\d+)\./,
      /^bert\.(embeddings|encoder\.relative_attention_bias)\./,
    ),
    heads: bertHeads(config),
    mayDiffer(parameter) {
      if (/^(classifier|cls)\.|^bert\.pooler\./.test(parameter)) return "either";
      // Checkpoints with vectors of distances hold those of positions, too, which nothing reads.
      if (settings.distances !== "none" && parameter === "bert.embeddings.position_embeddings.weight") return "left";
      // Older checkpoints hold the numbers 0, 1, 2 ...; a decoder that is tied is stored a second time.
      return /(^|\.)position_ids$|^cls\.predictions\.decoder\./.test(parameter) ? "left" : undefined;
    },
    toFile: () => bertConfigToHuggingFace(config()),
  });
}

/** BERT in the catalogue of architectures. */
export const bertArchitecture = architectureEntry({
  name: "bert",
  summary: "Transformer encoder over tokens, post-norm, with the parameter names of Hugging Face",
  paper: "Devlin et al. 2019, BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
  settings: bertSettingsSchema,
  roles: { [textRole]: "texts, sequences or molecules" },
  // The small ones are those of Turc et al. 2019, Well-Read Students Learn Better.
  presets: {
    nano: { width: 16, depth: 1, heads: 2, hiddenWidth: 32 },
    micro: { width: 128, depth: 2, heads: 4, hiddenWidth: 512 },
    mini: { width: 256, depth: 4, heads: 4, hiddenWidth: 1024 },
    small: { width: 512, depth: 4, heads: 8, hiddenWidth: 2048 },
    medium: { width: 512, depth: 8, heads: 8, hiddenWidth: 2048 },
    base: {},
    large: { width: 1024, depth: 24, heads: 16, hiddenWidth: 4096 },
  },
  suggest: suggestBert,
  create: bertNetwork,
  fromFile(json) {
    const isBert = json["model_type"] === "bert" || (json["model_type"] === undefined && "type_vocab_size" in json);
    return isBert ? { settings: bertConfigFromHuggingFace(json) } : undefined;
  },
});
