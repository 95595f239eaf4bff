import { imageRole, mapToPlaces } from "../image-roles.ts";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { architectureEntry, type Network } from "../network.ts";
import { imageNetwork } from "./image-network.ts";
import { pooledChannels } from "./resnet.ts";
import { samFromHuggingFace, samWeightsFromHuggingFace } from "./sam-hugging-face.ts";
import { type SamConfig, samConfigSchema, samEmbedding } from "./sam.ts";

function samNetwork(config: SamConfig): Network {
  const { imageSize, patchSize, channels, depth } = config.encoder;
  const side = Math.floor(imageSize / patchSize);
  return imageNetwork({
    name: "sam",
    config,
    shape: { channels, extents: [imageSize, imageSize] },
    build(images) {
      const embedding = samEmbedding(images, config);
      return { pooled: pooledChannels(embedding), places: mapToPlaces(embedding), pyramid: [embedding] };
    },
    grid: [side, side],
    layers: depth,
    layerOf: stackedLayer(depth, /^image_encoder\.blocks\.(\d+)\./, /^image_encoder\.(patch_embed\.|pos_embed$)/),
    // What reads prompts and draws masks: `samPrediction` in code.
    mayDiffer: (parameter) => (/^(prompt_encoder|mask_decoder)\./.test(parameter) ? "left" : undefined),
  });
}

const large = { width: 1024, depth: 24, heads: 16, globalBlocks: [5, 11, 17, 23] };
const huge = { width: 1280, depth: 32, heads: 16, globalBlocks: [7, 15, 23, 31] };

/** The image encoder of Segment Anything in the catalogue of architectures. */
export const samArchitecture = architectureEntry({
  name: "sam",
  summary:
    "Image encoder of Segment Anything, whose blocks attend in windows, with the parameter names of Meta or transformers",
  paper: "Kirillov et al. 2023, Segment Anything",
  settings: samConfigSchema,
  roles: { [imageRole]: "images" },
  presets: {
    nano: {
      encoder: {
        imageSize: 16,
        patchSize: 4,
        channels: 1,
        width: 8,
        depth: 2,
        heads: 2,
        windowSize: 2,
        globalBlocks: [1],
        outputChannels: 8,
      },
    },
    "vit-b": {},
    "vit-l": { encoder: large },
    "vit-h": { encoder: huge },
  },
  create: samNetwork,
  fromFile(json) {
    if (json["model_type"] !== "sam") return undefined;
    const config = samFromHuggingFace(json);
    return { settings: config, weights: (stored) => samWeightsFromHuggingFace(stored, config) };
  },
});
