import { z } from "zod";
import { layerNormLayer } from "../layers/linear.ts";
import { select, slice } from "../../graph/index.ts";
import { heightAndWidth, imageRole, patchGrid } from "../image-roles.ts";
import { lastPlace } from "../layers/pooling.ts";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { architectureEntry, type Network } from "../network.ts";
import { fittedVocabulary, inputOf, known } from "../network-inputs.ts";
import { imageNetwork } from "../vision/image-network.ts";
import {
  clipImageProjection,
  clipImageTokens,
  clipTextConfigSchema,
  clipTextProjection,
  clipTextTokens,
  clipVisionConfigSchema,
} from "./clip.ts";
import { clipTextFromHuggingFace, clipVisionFromHuggingFace } from "./clip-hugging-face.ts";

const textRole = "text";

/** Width of the space that was shared with the other tower; the tower's own vector is given where it is left out. */
const embeddingWidth = z.int().positive().optional();

const visionSettingsSchema = clipVisionConfigSchema.extend({ embeddingWidth });

function clipVisionNetwork(settings: z.output<typeof visionSettingsSchema>): Network {
  const { embeddingWidth: shared, ...config } = settings;
  return imageNetwork({
    name: "clipVision",
    config: settings,
    shape: { channels: config.channels, extents: heightAndWidth(config.imageSize) },
    build(images) {
      const tokens = clipImageTokens(images, config);
      return {
        pooled:
          shared === undefined
            ? layerNormLayer(select(tokens, 1, 0), "visual.ln_post", config.epsilon)
            : clipImageProjection(tokens, config, shared),
        places: slice(tokens, 1, 1, tokens.shape[1]!),
        leading: slice(tokens, 1, 0, 1),
      };
    },
    grid: patchGrid(config.imageSize, config.patchSize),
    layers: config.depth,
    layerOf: stackedLayer(
      config.depth,
      /^visual\.transformer\.resblocks\.(\d+)\./,
      /^visual\.(conv1|class_|pos|ln_pre)/,
    ),
  });
}

/** CLIP's image tower alone in the catalogue of architectures. */
export const clipVisionArchitecture = architectureEntry({
  name: "clipVision",
  summary: "Image tower of CLIP alone, with the parameter names of OpenAI or transformers",
  paper: "Radford et al. 2021, Learning Transferable Visual Models From Natural Language Supervision",
  settings: visionSettingsSchema,
  roles: { [imageRole]: "images" },
  presets: {
    nano: { imageSize: 16, patchSize: 4, channels: 1, width: 16, depth: 2, heads: 2 },
    "vit-b-32": {},
    "vit-b-16": { patchSize: 16 },
    "vit-l-14": { patchSize: 14, width: 1024, depth: 24, heads: 16 },
  },
  create: clipVisionNetwork,
  fromFile: clipVisionFromHuggingFace,
});

const textSettingsSchema = clipTextConfigSchema.extend({
  /** Rows of the table of tokens; as many as the tokenizer has tokens where they are left out. */
  vocabularySize: z.int().positive().optional(),
  embeddingWidth,
});

function clipTextNetwork(settings: z.output<typeof textSettingsSchema>): Network {
  const { embeddingWidth: shared, ...text } = settings;
  return {
    name: "clipText",
    config: settings,
    reads: { [textRole]: { name: "tokens", maximumLength: text.contextLength } },
    fitted(preparation) {
      const vocabularySize = fittedVocabulary(preparation, textRole, text.vocabularySize);
      return clipTextNetwork({ ...settings, ...(vocabularySize === undefined ? {} : { vocabularySize }) });
    },
    features(inputs) {
      const mask = inputs[textRole]?.["mask"];
      const config = { ...text, vocabularySize: known(text.vocabularySize, "vocabularySize", "clipText") };
      const places = clipTextTokens(inputOf(inputs, textRole, "tokens"), config);
      const end = lastPlace(places, mask);
      return {
        pooled: shared === undefined ? end : clipTextProjection(end, config, shared),
        places,
        ...(mask === undefined ? {} : { mask }),
      };
    },
    causal: true,
    layers: text.depth,
    layerOf: stackedLayer(text.depth, /^transformer\.resblocks\.(\d+)\./, /^(token_embedding|positional_embedding)/),
  };
}

/** CLIP's text tower alone in the catalogue of architectures. */
export const clipTextArchitecture = architectureEntry({
  name: "clipText",
  summary: "Causal text tower of CLIP alone, with the parameter names of OpenAI or transformers",
  paper: "Radford et al. 2021, Learning Transferable Visual Models From Natural Language Supervision",
  settings: textSettingsSchema,
  roles: { [textRole]: "texts" },
  presets: { nano: { width: 16, depth: 1, heads: 2 }, "vit-b-32": {}, "vit-l-14": { width: 768, heads: 12 } },
  create: clipTextNetwork,
  fromFile: clipTextFromHuggingFace,
});
