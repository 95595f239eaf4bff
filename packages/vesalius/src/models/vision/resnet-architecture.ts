import { z } from "zod";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { imageExtents, imageRole, imageSizeSchema, mapToPlaces, pixelsOfTimm, timmPretrained } from "../image-roles.ts";
import { readPublishedConfig } from "../layers/published-config.ts";
import { architectureEntry, type Network } from "../network.ts";
import { type ResnetConfig, resnetClassifier, resnetConfigSchema, resnetFeatures, resnetVariants } from "./resnet.ts";
import { imageNetwork } from "./image-network.ts";

/**
 * Arguments of timm's `ResNet`, as `model_args` in its `config.json`; they say what differs from the named model. timm has
 * no word for a stem of another width than 64, `inplanes` here.
 */
const timmArgumentsSchema = z.strictObject({
  block: z.enum(["BasicBlock", "Bottleneck"]).optional(),
  layers: z.array(z.int().positive()).optional(),
  channels: z.array(z.int().positive()).optional(),
  in_chans: z.int().positive().optional(),
  cardinality: z.int().positive().optional(),
  base_width: z.int().positive().optional(),
  num_classes: z.int().nonnegative().optional(),
  inplanes: z.int().positive().optional(),
});

/** What of timm's `config.json` decides the network. */
const timmFileSchema = z.object({
  global_pool: z.literal("avg").default("avg"),
  model_args: z.looseObject({}).optional(),
});

/** Settings of timm's models by name. */
const timmNames: Readonly<Record<string, Partial<ResnetConfig>>> = {
  ...(resnetVariants as unknown as Readonly<Record<string, Partial<ResnetConfig>>>),
  resnext50_32x4d: { depths: [3, 4, 6, 3], groups: 32, widthPerGroup: 4 },
  resnext101_32x8d: { depths: [3, 4, 23, 3], groups: 32, widthPerGroup: 8 },
  wide_resnet50_2: { depths: [3, 4, 6, 3], widthPerGroup: 128 },
  wide_resnet101_2: { depths: [3, 4, 23, 3], widthPerGroup: 128 },
};

function settingsOfTimm(name: string, given: unknown): ResnetConfig {
  const args = readPublishedConfig("these model_args are no ResNet", timmArgumentsSchema, given ?? {});
  const { block, layers, channels, in_chans: inChannels, cardinality, base_width: width, inplanes } = args;
  return resnetConfigSchema.parse({
    ...timmNames[name],
    ...(block === undefined ? {} : { block: block === "BasicBlock" ? "basic" : "bottleneck" }),
    ...(layers === undefined ? {} : { depths: layers }),
    ...(channels === undefined ? {} : { widths: channels }),
    ...(inChannels === undefined ? {} : { channels: inChannels }),
    ...(cardinality === undefined ? {} : { groups: cardinality }),
    ...(width === undefined ? {} : { widthPerGroup: width }),
    ...(inplanes === undefined ? {} : { stemWidth: inplanes }),
  });
}

/** Settings of a residual network. */
const resnetSettingsSchema = resnetConfigSchema.safeExtend({ imageSize: imageSizeSchema.optional() });

function resnetNetwork(settings: z.output<typeof resnetSettingsSchema>): Network {
  const { imageSize, ...config } = settings;
  const stages = config.depths.length;
  return imageNetwork({
    name: "resnet",
    config: settings,
    shape: { channels: config.channels, extents: imageExtents(imageSize) },
    build(images, mode) {
      const features = resnetFeatures(images, config, mode);
      return { pooled: features.pooled, places: mapToPlaces(features.stages.at(-1)!), pyramid: features.stages };
    },
    layers: stages,
    layerOf: stackedLayer(stages, /^layer(\d+)\./, /^(conv1|bn1)\./, 1),
    heads: { classes: ({ pooled }, outputs) => ({ logits: resnetClassifier(pooled, outputs) }) },
    mayDiffer(parameter) {
      if (parameter.startsWith("fc.")) return "either";
      return parameter.endsWith(".num_batches_tracked") ? "left" : undefined;
    },
    toFile: (preparation) => ({
      architecture: config.block === "basic" ? "resnet18" : "resnet50",
      num_features: config.widths.at(-1)! * (config.block === "basic" ? 1 : 4),
      model_args: {
        block: config.block === "basic" ? "BasicBlock" : "Bottleneck",
        layers: config.depths,
        channels: config.widths,
        in_chans: config.channels,
        cardinality: config.groups,
        base_width: config.widthPerGroup,
        ...(config.stemWidth === 64 ? {} : { inplanes: config.stemWidth }),
      },
      ...timmPretrained(preparation),
    }),
  });
}

/** Residual networks in the catalogue of architectures. */
export const resnetArchitecture = architectureEntry({
  name: "resnet",
  summary: "Residual convolutional network for images, with the parameter names of torchvision and timm",
  paper: "He et al. 2016, Deep Residual Learning for Image Recognition",
  settings: resnetSettingsSchema,
  roles: { [imageRole]: "images" },
  presets: {
    nano: { block: "basic", depths: [1, 1], stemWidth: 4, widths: [4, 8], channels: 1 },
    micro: { block: "basic", depths: [1, 1, 1], stemWidth: 16, widths: [16, 32, 64], channels: 1 },
    ...timmNames,
  },
  create: resnetNetwork,
  fromFile(json) {
    const { architecture } = json;
    if (typeof architecture !== "string" || !(architecture in timmNames)) return undefined;
    const { model_args: given } = readPublishedConfig("this config.json is no ResNet", timmFileSchema, json, {
      neutral: ["architecture", "num_classes", "num_features", "pretrained_cfg", "vesalius"],
    });
    const preparation = pixelsOfTimm(json);
    const settings = settingsOfTimm(architecture, given);
    return { settings, ...(preparation === undefined ? {} : { preparation }) };
  },
});
