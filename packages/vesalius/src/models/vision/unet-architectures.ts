import { z } from "zod";
import { imageRole } from "../image-roles.ts";
import { architectureEntry, type Network } from "../network.ts";
import {
  basicUnetConfigSchema,
  basicUnetFromMonai,
  basicUnetSegmentation,
  basicUnetStates,
  basicUnetToMonai,
} from "./basic-unet.ts";
import {
  residualUnetConfigSchema,
  residualUnetFromMonai,
  residualUnetSegmentation,
  residualUnetStates,
  residualUnetToMonai,
} from "./residual-unet.ts";
import { isMonaiClass, unetNetwork } from "./unet-network.ts";

/** Spatial axes, and extents that a network reads. */
const spatialShape = {
  spatial: z.union([z.literal(2), z.literal(3)]).default(3),
  patch: z.array(z.int().positive()).min(2).max(3).optional(),
};

const basicUnetSettingsSchema = basicUnetConfigSchema.omit({ classes: true }).extend(spatialShape);

function basicUnetNetwork(settings: z.output<typeof basicUnetSettingsSchema>): Network {
  const { spatial, patch, ...config } = settings;
  return unetNetwork({
    name: "basicUnet",
    config: settings,
    shape: { channels: config.channels, spatial, extents: patch },
    states: (images, mode) => basicUnetStates(images, config, mode),
    masks: (decoder, classes) => [basicUnetSegmentation(decoder[0]!, classes)],
    layers: 9,
    layerOf(parameter) {
      const [, part, level] = /^(conv|down|upcat)_(\d)\./.exec(parameter) ?? [];
      if (part === undefined) return 10;
      return part === "upcat" ? 10 - Number(level) : Number(level) + 1;
    },
    mayDiffer: (parameter) => (parameter.startsWith("final_conv.") ? "either" : undefined),
    toFile: () => basicUnetToMonai(config, spatial),
  });
}

/** MONAI's BasicUNet in the catalogue of architectures. */
export const basicUnetArchitecture = architectureEntry({
  name: "basicUnet",
  summary: "U-Net for images and volumes of any extents, with the parameter names of MONAI's BasicUNet",
  paper: "Falk et al. 2019, U-Net: deep learning for cell counting, detection, and morphometry",
  settings: basicUnetSettingsSchema,
  roles: { [imageRole]: "images or volumes" },
  presets: {
    nano: { features: [4, 4, 4, 8, 8, 4] },
    micro: { features: [8, 8, 16, 32, 64, 8] },
    small: { features: [16, 16, 32, 64, 128, 16] },
    base: {},
  },
  create: basicUnetNetwork,
  fromFile(json) {
    if (!isMonaiClass(json, "BasicUNet")) return undefined;
    const { classes: _none, ...config } = basicUnetFromMonai(json);
    return { settings: { ...config, spatial: json["spatial_dims"] ?? 3 } };
  },
});

const residualUnetSettingsSchema = z
  .strictObject({ ...residualUnetConfigSchema.shape, ...spatialShape })
  .omit({ classes: true })
  .refine(({ features, strides }) => strides.length === features.length - 1, {
    error: "there is one stride less than there are levels",
    path: ["strides"],
  });

function residualUnetNetwork(settings: z.output<typeof residualUnetSettingsSchema>): Network {
  const { spatial, patch, ...config } = settings;
  const levels = config.features.length;
  return unetNetwork({
    name: "residualUnet",
    config: settings,
    shape: { channels: config.channels, spatial, extents: patch },
    states: (images, mode) => residualUnetStates(images, config, mode),
    masks: (decoder, classes, mode) => [residualUnetSegmentation(decoder[0]!, classes, config, mode)],
    layers: 2 * levels - 2,
    layerOf(parameter) {
      // Every level below is one `1.submodule` further; `0` leads down, `2` up.
      const depth = parameter.split(".submodule").length - 1;
      const [, part] = /^(?:model|.*\.submodule)\.([02])\./.exec(parameter) ?? [];
      if (depth === 0 && part === "2") return 2 * levels - 1;
      return part === "2" ? 2 * levels - 1 - depth : depth + 1;
    },
    mayDiffer: (parameter) => (parameter.startsWith("model.2.") ? "either" : undefined),
    toFile: () => residualUnetToMonai(config, spatial),
  });
}

/** MONAI's UNet in the catalogue of architectures. */
export const residualUnetArchitecture = architectureEntry({
  name: "residualUnet",
  summary: "U-Net with residual units for images and volumes, with the parameter names of MONAI's UNet",
  paper: "Kerfoot et al. 2018, Left-Ventricle Quantification Using Residual U-Net",
  settings: residualUnetSettingsSchema,
  roles: { [imageRole]: "images or volumes" },
  presets: {
    nano: { features: [4, 8, 8], strides: [2, 2], residualUnits: 1 },
    micro: { features: [8, 16, 32], strides: [2, 2] },
    base: {},
  },
  create: residualUnetNetwork,
  fromFile(json) {
    if (!isMonaiClass(json, "UNet")) return undefined;
    const { classes: _none, ...config } = residualUnetFromMonai(json);
    return { settings: { ...config, spatial: json["spatial_dims"] ?? 3 } };
  },
});
