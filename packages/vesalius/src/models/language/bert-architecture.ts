import { concat, type Value } from "../../graph/index.ts";
import { VesaliusError } from "../../common/errors.ts";
import { maximumOverPlaces, meanOverPlaces } from "../layers/pooling.ts";
import { architectureEntry, type Features, type Head, type Network, type Outputs } from "../network.ts";
import { fittedVocabulary, inputOf, known, tokenizerFacts } from "../network-inputs.ts";
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

const role = "text";

function pool(x: Value, mask: Value | undefined, config: BertConfig): Value {
  if (config.pooling === "token") return bertPooler(x, config);
  const mean = meanOverPlaces(x, mask);
  return config.pooling === "mean" ? mean : concat([mean, maximumOverPlaces(x, mask)], 1);
}

/** Vectors of places, which a head asks for. */
function placesOf(features: Features): Value {
  if (features.places !== undefined) return features.places;
  throw new VesaliusError("bad-argument", "these features have no places");
}

function heads(config: () => BertConfig): Readonly<Record<string, Head>> {
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
  return {
    name: "bert",
    config: settings,
    reads: { [role]: { name: "tokens", maximumLength: settings.maximumPositions } },
    fitted(preparation) {
      const spec = preparation[role];
      const longest = spec?.["maximumLength"];
      if (typeof longest === "number" && longest > settings.maximumPositions)
        throw new VesaliusError(
          "bad-configuration",
          `texts have up to ${longest} tokens, the network ${settings.maximumPositions} positions`,
          { fix: "lower maximumLength of the tokens, or raise maximumPositions of a network without weights" },
        );
      const rows = spec?.["featureRows"];
      const vocabularySize = fittedVocabulary(preparation, role, settings.vocabularySize);
      const padding = tokenizerFacts(spec)?.special["padding"];
      return bertNetwork({
        ...settings,
        ...(vocabularySize === undefined ? {} : { vocabularySize }),
        ...(padding === undefined ? {} : { paddingToken: padding }),
        ...(typeof rows === "number" ? { featureRows: rows } : {}),
      });
    },
    features(inputs, mode) {
      const text = inputs[role] ?? {};
      const tokens = inputOf(inputs, role, "tokens");
      const { segments, mask, features } = text;
      const given = {
        tokens,
        ...(segments === undefined ? {} : { segments }),
        ...(mask === undefined ? {} : { mask }),
        ...(features === undefined ? {} : { features }),
      };
      const layers = bertLayers(given, config(), mode);
      const places = layers.hidden.at(-1)!;
      return {
        pooled: pool(places, layers.mask, config()),
        places,
        ...(layers.mask === undefined ? {} : { mask: layers.mask }),
        also: { tokens },
      };
    },
    layers: settings.depth,
    layerOf(parameter) {
      if (/^bert\.(embeddings|encoder\.relative_attention_bias)\./.test(parameter)) return 0;
      const layer = /^bert\.encoder\.layer\.(\d+)\./.exec(parameter);
      return layer === null ? settings.depth + 1 : Number(layer[1]) + 1;
    },
    heads: heads(config),
    mayDiffer(parameter) {
      if (/^(classifier|cls)\.|^bert\.pooler\./.test(parameter)) return "either";
      // Older checkpoints hold the numbers 0, 1, 2 ...; a decoder that is tied is stored a second time.
      return /(^|\.)position_ids$|^cls\.predictions\.decoder\./.test(parameter) ? "left" : undefined;
    },
    toFile: () => bertConfigToHuggingFace(config()),
  };
}

/** BERT in the catalogue of architectures. */
export const bertArchitecture = architectureEntry({
  name: "bert",
  summary: "Transformer encoder over tokens, post-norm, with the parameter names of Hugging Face",
  paper: "Devlin et al. 2019, BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
  settings: bertSettingsSchema,
  roles: { [role]: "texts, sequences or molecules" },
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
