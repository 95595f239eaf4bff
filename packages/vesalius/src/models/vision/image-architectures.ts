import { z } from "zod";
import { concat, unsqueeze } from "../../graph/index.ts";
import { imageExtents, imageRole, imageSizeSchema, mapToPlaces, pixelsOfTimm, timmPretrained } from "../image-roles.ts";
import { channelsFirst } from "../layers/normalization.ts";
import { readPublishedConfig } from "../layers/published-config.ts";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { architectureEntry, type Network } from "../network.ts";
import {
  densenetClassifier,
  type DensenetConfig,
  densenetConfigSchema,
  densenetFeatures,
  densenetVariants,
} from "./densenet.ts";
import { dinov2, dinov2ConfigSchema } from "./dinov2.ts";
import { dinov2FromHuggingFace } from "./dinov2-hugging-face.ts";
import { imageNetwork } from "./image-network.ts";
import { type SwinConfig, swinClassifier, swinConfigSchema, swinFeatures } from "./swin.ts";

const densenetSettingsSchema = densenetConfigSchema.extend({ imageSize: imageSizeSchema.optional() });

/** Arguments of timm's `DenseNet` that decide the network. */
const timmArgumentsSchema = z.object({
  growth_rate: z.int().positive().optional(),
  block_config: z.array(z.int().positive()).optional(),
  bn_size: z.int().positive().optional(),
  in_chans: z.int().positive().optional(),
  global_pool: z.literal("avg").optional(),
});

/** What of timm's `config.json` decides the network. */
const timmFileSchema = z.object({
  global_pool: z.literal("avg").default("avg"),
  model_args: z.looseObject({}).default({}),
});

/** Name of a published network with this growth, depth and stem. */
const densenetName = ({ growthRate, depths, stemWidth }: DensenetConfig): string | undefined =>
  Object.entries(densenetVariants).find(
    ([, variant]) =>
      variant.growthRate === growthRate && variant.stemWidth === stemWidth && variant.depths.join() === depths.join(),
  )?.[0];

function densenetNetwork(settings: z.output<typeof densenetSettingsSchema>): Network {
  const { imageSize, ...config } = settings;
  const blocks = config.depths.length;
  return imageNetwork({
    name: "densenet",
    config: settings,
    shape: { channels: config.channels, extents: imageExtents(imageSize) },
    build(images, mode) {
      const { stages, pooled } = densenetFeatures(images, config, mode);
      return { pooled, places: mapToPlaces(stages.at(-1)!), pyramid: stages };
    },
    layers: blocks,
    layerOf: stackedLayer(blocks, /^features\.(?:denseblock|transition)(\d+)\./, /^features\.(conv0|norm0)\./, 1),
    heads: { classes: ({ pooled }, outputs) => ({ logits: densenetClassifier(pooled, outputs) }) },
    mayDiffer(parameter) {
      if (parameter.startsWith("classifier.")) return "either";
      return parameter.endsWith(".num_batches_tracked") ? "left" : undefined;
    },
    toFile: (preparation) => ({
      architecture: densenetName(config) ?? "vesalius-densenet",
      model_args: { in_chans: config.channels },
      ...timmPretrained(preparation),
    }),
  });
}

/** Densely connected networks in the catalogue of architectures. */
export const densenetArchitecture = architectureEntry({
  name: "densenet",
  summary: "Densely connected convolutional network for images, with the parameter names of torchvision and timm",
  paper: "Huang et al. 2017, Densely Connected Convolutional Networks",
  settings: densenetSettingsSchema,
  roles: { [imageRole]: "images" },
  presets: {
    nano: { channels: 1, growthRate: 4, depths: [1, 1], stemWidth: 4, bottleneckFactor: 2 },
    micro: { channels: 1, growthRate: 12, depths: [4, 4, 4], stemWidth: 24 },
    ...densenetVariants,
  },
  create: densenetNetwork,
  fromFile(json) {
    const variant = densenetVariants[json["architecture"] as keyof typeof densenetVariants];
    if (variant === undefined) return undefined;
    const { model_args: given } = readPublishedConfig("this config.json is no DenseNet", timmFileSchema, json, {
      neutral: ["architecture", "num_classes", "num_features", "pretrained_cfg", "vesalius"],
    });
    const args = readPublishedConfig("these model_args are no DenseNet", timmArgumentsSchema, given, {
      neutral: ["num_classes", "drop_rate", "proj_drop_rate", "memory_efficient", "aa_stem_only"],
    });
    const preparation = pixelsOfTimm(json);
    const settings = {
      ...variant,
      ...(args.in_chans === undefined ? {} : { channels: args.in_chans }),
      // timm's stem has twice the channels that a layer adds.
      ...(args.growth_rate === undefined ? {} : { growthRate: args.growth_rate, stemWidth: 2 * args.growth_rate }),
      ...(args.block_config === undefined ? {} : { depths: args.block_config }),
      ...(args.bn_size === undefined ? {} : { bottleneckFactor: args.bn_size }),
    };
    return { settings, ...(preparation === undefined ? {} : { preparation }) };
  },
});

function swinNetwork(config: SwinConfig): Network {
  const stages = config.depths.length;
  const side = config.imageSize / config.patchSize / 2 ** (stages - 1);
  return imageNetwork({
    name: "swin",
    config,
    shape: { channels: config.channels, extents: [config.imageSize, config.imageSize] },
    build(images) {
      const { stages: results, tokens, pooled } = swinFeatures(images, config);
      return { pooled, places: tokens, pyramid: results.map(channelsFirst) };
    },
    grid: [side, side],
    layers: stages,
    layerOf: stackedLayer(stages, /^layers\.(\d+)\./, /^(patch_embed\.|absolute_pos_embed$)/),
    heads: { classes: ({ pooled }, outputs) => ({ logits: swinClassifier(pooled, outputs) }) },
    mayDiffer(parameter) {
      if (parameter.startsWith("head.")) return "either";
      return /\.(relative_position_index|attn_mask)$/.test(parameter) ? "left" : undefined;
    },
  });
}

/** Swin transformers in the catalogue of architectures. */
export const swinArchitecture = architectureEntry({
  name: "swin",
  summary: "Transformer over images that attends in shifted windows, with the parameter names of Microsoft",
  paper: "Liu et al. 2021, Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
  settings: swinConfigSchema,
  roles: { [imageRole]: "images" },
  presets: {
    nano: { channels: 1, width: 8, depths: [1, 2], heads: [1, 2], windowSize: 4 },
    micro: { channels: 1, width: 32, depths: [2, 2], heads: [2, 4], windowSize: 7 },
    tiny: {},
    small: { depths: [2, 2, 18, 2] },
    base: { width: 128, depths: [2, 2, 18, 2], heads: [4, 8, 16, 32] },
  },
  create: swinNetwork,
});

const dinov2SettingsSchema = dinov2ConfigSchema.extend({
  channels: dinov2ConfigSchema.shape.patchSize.unwrap().default(3),
  /** Extents of the images that are read; those that the table of positions was made for where they are left out. */
  inputSize: imageSizeSchema.optional(),
});

function dinov2Network(settings: z.output<typeof dinov2SettingsSchema>): Network {
  const { channels, inputSize, ...config } = settings;
  const extents = imageExtents(inputSize ?? config.imageSize)!;
  return imageNetwork({
    name: "dinov2",
    config: settings,
    shape: { channels, extents },
    build(images, _mode, { masked }) {
      const { classToken, registerTokens, patchTokens } = dinov2(images, config, masked);
      const first = unsqueeze(classToken, [1]);
      return {
        pooled: classToken,
        places: patchTokens,
        leading: registerTokens === undefined ? first : concat([first, registerTokens], 1),
      };
    },
    hides: ["masked"],
    grid: extents.map((extent) => extent / config.patchSize),
    layers: config.depth,
    layerOf: stackedLayer(
      config.depth,
      /^blocks\.(\d+)\./,
      /^(patch_embed\.|pos_embed$|cls_token$|mask_token$|register_tokens$)/,
    ),
    // A checkpoint always holds the mask token, which only hidden patches show.
    mayDiffer: (parameter) => (parameter === "mask_token" ? "either" : undefined),
  });
}

/** DINOv2's vision transformers in the catalogue of architectures. */
export const dinov2Architecture = architectureEntry({
  name: "dinov2",
  summary: "Vision transformer with LayerScale and registers, with the parameter names of DINOv2",
  paper: "Oquab et al. 2024, DINOv2: Learning Robust Visual Features without Supervision",
  settings: dinov2SettingsSchema,
  roles: { [imageRole]: "images" },
  presets: {
    nano: { channels: 1, width: 16, depth: 1, heads: 2, layerScale: 0.1 },
    micro: { channels: 1, width: 128, depth: 4, heads: 4, layerScale: 0.1 },
    small: { width: 384, depth: 12, heads: 6 },
    base: {},
    large: { width: 1024, depth: 24, heads: 16 },
    giant: { width: 1536, depth: 40, heads: 24, feedForward: "swiglu" },
  },
  create: dinov2Network,
  fromFile: dinov2FromHuggingFace,
});
