import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { concat, l2Normalize, slice } from "../../graph/index.ts";
import { heightAndWidth, imageEncoder, imageRole, imagesOf, patchGrid } from "../image-roles.ts";
import { lastPlace } from "../layers/pooling.ts";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { architectureEntry, type Features, type InputValues, type Network } from "../network.ts";
import { fittedVocabulary, inputOf, known } from "../network-inputs.ts";
import { imageNetwork } from "../vision/image-network.ts";
import {
  clipConfigSchema,
  clipImageProjection,
  clipImageTokens,
  clipScale,
  type ClipTextConfig,
  clipTextConfigSchema,
  clipTextProjection,
  clipTextTokens,
} from "./clip.ts";
import { clipFromHuggingFace } from "./clip-hugging-face.ts";
import { clipResnetConfigSchema, clipResnetPool, clipResnetStages } from "./clip-resnet.ts";

const textRole = "text";

const clipSettingsSchema = clipConfigSchema.extend({
  text: clipTextConfigSchema
    .extend({
      /** Rows of the table of tokens; as many as the tokenizer has tokens where they are left out. */
      vocabularySize: z.int().positive().optional(),
    })
    .prefault({}),
});

type ClipSettings = z.output<typeof clipSettingsSchema>;

/** An image in the shared space, and its patches. */
function imageFeatures(inputs: InputValues, settings: ClipSettings): Features {
  const tokens = clipImageTokens(imagesOf(inputs), settings.vision);
  const pooled = clipImageProjection(tokens, settings.vision, settings.embeddingWidth);
  const leading = slice(tokens, 1, 0, 1);
  return {
    pooled: l2Normalize(pooled),
    places: slice(tokens, 1, 1, tokens.shape[1]!),
    leading,
    also: { unprojected: pooled },
  };
}

/** A text in the shared space, and its tokens; the last of them stands for the text. */
function textFeatures(inputs: InputValues, settings: ClipSettings): Features {
  const tokens = inputOf(inputs, textRole, "tokens");
  const mask = inputs[textRole]!["mask"];
  const config: ClipTextConfig = {
    ...settings.text,
    vocabularySize: known(settings.text.vocabularySize, "text.vocabularySize", "clip"),
  };
  const places = clipTextTokens(tokens, config);
  const pooled = clipTextProjection(lastPlace(places, mask), config, settings.embeddingWidth);
  return {
    pooled: l2Normalize(pooled),
    places,
    ...(mask === undefined ? {} : { mask }),
    also: { unprojected: pooled },
  };
}

function clipNetwork(settings: ClipSettings): Network {
  const { vision, text } = settings;
  const deepest = Math.max(vision.depth, text.depth);
  const imageLayer = stackedLayer(
    vision.depth,
    /^visual\.transformer\.resblocks\.(\d+)\./,
    /^visual\.(conv1|class_|pos|ln_pre)/,
  );
  const textLayer = stackedLayer(
    text.depth,
    /^transformer\.resblocks\.(\d+)\./,
    /^(token_embedding|positional_embedding)/,
  );
  return {
    name: "clip",
    config: settings,
    reads: {
      [imageRole]: imageEncoder({ channels: vision.channels, extents: heightAndWidth(vision.imageSize) }),
      [textRole]: { name: "tokens", maximumLength: text.contextLength },
    },
    fitted(preparation) {
      const vocabularySize = fittedVocabulary(preparation, textRole, text.vocabularySize);
      return clipNetwork({
        ...settings,
        text: { ...text, ...(vocabularySize === undefined ? {} : { vocabularySize }) },
      });
    },
    features(inputs) {
      const towers: Record<string, Features> = {
        ...(inputs[imageRole] === undefined ? {} : { [imageRole]: imageFeatures(inputs, settings) }),
        ...(inputs[textRole] === undefined ? {} : { [textRole]: textFeatures(inputs, settings) }),
      };
      const pooled = Object.values(towers).map((tower) => tower.pooled);
      if (pooled.length === 0) throw new VesaliusError("bad-argument", "neither image nor text is given");
      const isPair = pooled.length === 2 && pooled[0]!.shape[0] === pooled[1]!.shape[0];
      return {
        pooled: isPair ? concat(pooled, 1) : pooled[0]!,
        towers,
        also: { scale: clipScale(pooled[0]!.graph) },
      };
    },
    grid: (role) => (role === imageRole ? patchGrid(vision.imageSize, vision.patchSize) : undefined),
    layers: deepest,
    // The last layers of both towers stand side by side.
    layerOf: (parameter) =>
      parameter.startsWith("visual.")
        ? deepest - vision.depth + imageLayer(parameter)
        : deepest - text.depth + textLayer(parameter),
  };
}

/** CLIP in the catalogue of architectures. */
export const clipArchitecture = architectureEntry({
  name: "clip",
  summary: "Vision transformer and causal text transformer that meet in one space, with the parameter names of OpenAI",
  paper: "Radford et al. 2021, Learning Transferable Visual Models From Natural Language Supervision",
  settings: clipSettingsSchema,
  roles: { [imageRole]: "images", [textRole]: "texts" },
  presets: {
    nano: {
      embeddingWidth: 8,
      vision: { imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 2 },
      text: { width: 16, depth: 1, heads: 2 },
    },
    "vit-b-32": {},
    "vit-b-16": { vision: { patchSize: 16 } },
    "vit-l-14": {
      embeddingWidth: 768,
      vision: { patchSize: 14, width: 1024, depth: 24, heads: 16 },
      text: { width: 768, depth: 12, heads: 12 },
    },
  },
  create: clipNetwork,
  fromFile: clipFromHuggingFace,
});

const clipResnetSettingsSchema = clipResnetConfigSchema.extend({
  /** Width of the space that images and texts share. */
  embeddingWidth: z.int().positive().default(1024),
});

function clipResnetNetwork(settings: z.output<typeof clipResnetSettingsSchema>): Network {
  const { embeddingWidth, ...config } = settings;
  return imageNetwork({
    name: "clipResnet",
    config: settings,
    shape: { channels: config.channels, extents: [config.imageSize, config.imageSize] },
    build(images, mode) {
      const pyramid = clipResnetStages(images, config, mode);
      return { pooled: clipResnetPool(pyramid.at(-1)!, config, embeddingWidth), pyramid };
    },
    layers: config.depths.length,
    layerOf: stackedLayer(config.depths.length, /^visual\.layer(\d+)\./, /^visual\.(conv|bn)\d\./, 1),
    // Of a whole CLIP, the text tower and the temperature.
    mayDiffer: (parameter) =>
      /num_batches_tracked$|^(transformer|token_embedding|ln_final)\.|^(positional_embedding|text_projection|logit_scale)$/.test(
        parameter,
      )
        ? "left"
        : undefined,
  });
}

/** CLIP's convolutional image tower in the catalogue of architectures. */
export const clipResnetArchitecture = architectureEntry({
  name: "clipResnet",
  summary: "Convolutional image tower of CLIP with attention pooling, with the parameter names of OpenAI",
  paper: "Radford et al. 2021, Learning Transferable Visual Models From Natural Language Supervision",
  settings: clipResnetSettingsSchema,
  roles: { [imageRole]: "images" },
  presets: {
    nano: { imageSize: 32, channels: 1, width: 2, depths: [1, 1, 1, 1], heads: 2, embeddingWidth: 8 },
    rn50: {},
    rn101: { depths: [3, 4, 23, 3], embeddingWidth: 512 },
  },
  create: clipResnetNetwork,
});
