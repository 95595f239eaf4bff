import { z } from "zod";
import { imageRole } from "../image-roles.ts";
import { unetrHead } from "../layers/unetr-decoder.ts";
import { architectureEntry, type Network } from "../network.ts";
import { swinUnetrConfigSchema, swinUnetrFromMonai, swinUnetrStates, swinUnetrToMonai } from "./swin-unetr.ts";
import { isMonaiClass, unetNetwork } from "./unet-network.ts";
import { unetrConfigSchema, unetrFromMonai, unetrStates, unetrToMonai } from "./unetr.ts";

const blocks = 12;
const unetrSettingsSchema = unetrConfigSchema.omit({ classes: true });

function unetrNetwork(config: z.output<typeof unetrSettingsSchema>): Network {
  const decoderLevels: Readonly<Record<string, number>> = { decoder5: 1, encoder4: 1, decoder4: 2, encoder3: 2 };
  return unetNetwork({
    name: "unetr",
    config,
    shape: { channels: config.channels, spatial: config.imageSize.length === 2 ? 2 : 3, extents: config.imageSize },
    states: (images, mode) => unetrStates(images, config, mode),
    masks: (decoder, classes) => [unetrHead(decoder[0]!, classes)],
    // Twelve blocks, then four levels of the decoder.
    layers: blocks + 4,
    layerOf(parameter) {
      const block = /^vit\.blocks\.(\d+)\./.exec(parameter);
      if (block !== null) return Number(block[1]) + 1;
      if (parameter.startsWith("vit.patch_embedding.")) return 0;
      if (parameter.startsWith("vit.norm.")) return blocks;
      const [part] = parameter.split(".") as [string];
      if (part === "out") return blocks + 5;
      return blocks + (decoderLevels[part] ?? (part === "decoder3" || part === "encoder2" ? 3 : 4));
    },
    mayDiffer(parameter) {
      if (parameter.startsWith("out.")) return "either";
      // MONAI 1.4 gives every block an attention to another sequence, which UNETR never calls.
      return /^vit\.blocks\.\d+\.(norm_)?cross_attn\./.test(parameter) ? "left" : undefined;
    },
    toFile: () => unetrToMonai(config),
  });
}

/** UNETR in the catalogue of architectures. */
export const unetrArchitecture = architectureEntry({
  name: "unetr",
  summary: "Vision transformer with a convolutional decoder for images and volumes, with the parameter names of MONAI",
  paper: "Hatamizadeh et al. 2022, UNETR: Transformers for 3D Medical Image Segmentation",
  settings: unetrSettingsSchema,
  roles: { [imageRole]: "images or volumes" },
  presets: {
    nano: { width: 8, hiddenWidth: 8, heads: 1, featureWidth: 2 },
    micro: { width: 96, hiddenWidth: 192, heads: 3, featureWidth: 8 },
    base: {},
  },
  create: unetrNetwork,
  fromFile(json) {
    if (!isMonaiClass(json, "UNETR")) return undefined;
    const { classes: _none, ...settings } = unetrFromMonai(json);
    return { settings };
  },
});

const swinUnetrSettingsSchema = swinUnetrConfigSchema.omit({ classes: true }).extend({
  spatial: z.union([z.literal(2), z.literal(3)]).default(3),
  /** Extents that the network reads; multiples of 32. */
  patch: z.array(z.int().positive().multipleOf(32)).min(2).max(3).optional(),
});

function swinUnetrNetwork(settings: z.output<typeof swinUnetrSettingsSchema>): Network {
  const { spatial, patch, ...config } = settings;
  const depth = config.depths.length;
  return unetNetwork({
    name: "swinUnetr",
    config: settings,
    shape: { channels: config.channels, spatial, extents: patch },
    states: (images, mode) => swinUnetrStates(images, config, mode),
    masks: (decoder, classes) => [unetrHead(decoder[0]!, classes)],
    // Four stages of the encoder, then the bottleneck and five levels of the decoder.
    layers: depth + 6,
    layerOf(parameter) {
      const stage = /^swinViT\.layers(\d)c?\./.exec(parameter);
      if (stage !== null) return Number(stage[1]);
      if (parameter.startsWith("swinViT.")) return 0;
      if (parameter.startsWith("out.")) return depth + 7;
      const level = /^(?:en|de)coder(\d+)\./.exec(parameter);
      const number = Number(level?.[1] ?? 1);
      return number === 10 ? depth + 1 : depth + 7 - number;
    },
    mayDiffer(parameter) {
      if (parameter.startsWith("out.")) return "either";
      return parameter.endsWith(".relative_position_index") ? "left" : undefined;
    },
    toFile: () => swinUnetrToMonai(config, spatial),
  });
}

/** Swin UNETR in the catalogue of architectures. */
export const swinUnetrArchitecture = architectureEntry({
  name: "swinUnetr",
  summary: "Swin transformer with a convolutional decoder for images and volumes, with the parameter names of MONAI",
  paper:
    "Hatamizadeh et al. 2022, Swin UNETR: Swin Transformers for Semantic Segmentation of Brain Tumors in MRI Images",
  settings: swinUnetrSettingsSchema,
  roles: { [imageRole]: "images or volumes" },
  presets: {
    nano: { featureWidth: 4, depths: [1, 1, 1, 1], heads: [1, 1, 1, 1], windowSize: 2 },
    micro: { featureWidth: 12, depths: [2, 2, 2, 2], heads: [1, 2, 4, 8] },
    base: {},
  },
  create: swinUnetrNetwork,
  fromFile(json) {
    if (!isMonaiClass(json, "SwinUNETR")) return undefined;
    const { classes: _none, ...settings } = swinUnetrFromMonai(json);
    return { settings: { ...settings, spatial: json["spatial_dims"] ?? 3 } };
  },
});
