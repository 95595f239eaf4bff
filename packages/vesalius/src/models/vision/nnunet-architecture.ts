import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { imageRole } from "../image-roles.ts";
import { nextMultiples, totalStrides } from "../layers/extents.ts";
import { architectureEntry, type Network } from "../network.ts";
import {
  type NnunetConfig,
  nnunetConfigSchema,
  nnunetFromPlans,
  nnunetSegmentation,
  nnunetStates,
  nnunetToPlans,
} from "./nnunet.ts";
import { unetNetwork } from "./unet-network.ts";
import { suggestUnet } from "../suggestions/unet.ts";

/** A number for every spatial axis, or one for each. */
const extentSchema = z.union([z.int().positive(), z.array(z.int().positive()).min(2).max(3)]);

const { bias, norm, activation, nonlinearityFirst, deepSupervision } = nnunetConfigSchema.shape;

/** Settings of nnU-Net's networks; what is left out follows from the number of stages. */
export const nnunetSettingsSchema = z.strictObject({
  /** Spatial axes: images or volumes. */
  spatial: z.union([z.literal(2), z.literal(3)]).default(3),
  /** Extents that the network reads; those of its encoder where they are left out. */
  patch: z.array(z.int().positive()).min(2).max(3).optional(),
  channels: z.int().positive().default(1),
  encoder: z.enum(["plain", "residual"]).default("plain"),
  /** Channels of each stage, fine to coarse. */
  features: z.array(z.int().positive()).min(2).max(10).default([32, 64, 128, 256, 320, 320]),
  /** 3 everywhere by default. */
  kernels: z.array(extentSchema).optional(),
  /** Stride into each stage; 1, then 2 by default. */
  strides: z.array(extentSchema).optional(),
  /** Convolutions or residual blocks of each stage of the encoder; 2 by default. */
  depths: z.array(z.int().positive()).optional(),
  /** Convolutions of each stage of the decoder, coarse to fine; as many as in the encoder by default, 1 with residual blocks. */
  decoderDepths: z.array(z.int().positive()).optional(),
  bias,
  norm,
  activation,
  nonlinearityFirst,
  deepSupervision,
});

/** Settings of nnU-Net's networks. */
export type NnunetSettings = z.infer<typeof nnunetSettingsSchema>;

/** The whole configuration that settings stand for. */
function configOf({ spatial, patch, ...given }: NnunetSettings): NnunetConfig {
  const count = given.features.length;
  const stages = (value: number): number[] => Array.from({ length: count }, () => value);
  const result = nnunetConfigSchema.safeParse({
    ...given,
    kernels: given.kernels ?? stages(3),
    strides: given.strides ?? [1, ...stages(2).slice(1)],
    depths: given.depths ?? stages(2),
    decoderDepths: given.decoderDepths ?? stages(given.encoder === "plain" ? 2 : 1).slice(1),
  });
  if (!result.success)
    throw new VesaliusError("bad-configuration", `this is no nnU-Net: ${z.prettifyError(result.error)}`);
  const config = result.data;
  const lists = [...config.kernels, ...config.strides, patch ?? spatial].filter((entry) => typeof entry !== "number");
  if (lists.some(({ length }) => length !== spatial))
    throw new VesaliusError(
      "bad-configuration",
      `kernels, strides and patch of nnunet have one number for each of ${spatial} axes`,
    );
  const multiples = totalStrides(config.strides, spatial);
  const next = nextMultiples(patch ?? [], multiples);
  if (patch?.some((extent, axis) => extent !== next[axis]))
    throw new VesaliusError(
      "bad-configuration",
      `the patch ${patch.join(" x ")} is no multiple of the network's strides, ${multiples.join(" x ")}`,
      {
        fix: `choose a patch such as ${next.join(" x ")}`,
      },
    );
  return config;
}

function nnunetNetwork(settings: NnunetSettings): Network {
  const config = configOf(settings);
  const stages = config.features.length;
  return unetNetwork({
    name: "nnunet",
    config: settings,
    shape: { channels: config.channels, spatial: settings.spatial, extents: settings.patch },
    states: (images, mode) => nnunetStates(images, config, mode),
    masks: (decoder, classes, { training }) => nnunetSegmentation(decoder, classes, training && config.deepSupervision),
    layers: 2 * stages - 1,
    layerOf(parameter) {
      const encoder = /^encoder\.stages\.(\d+)\./.exec(parameter);
      if (encoder !== null) return Number(encoder[1]) + 1;
      const decoder = /^decoder\.(?:stages|transpconvs)\.(\d+)\./.exec(parameter);
      if (decoder !== null) return stages + 1 + Number(decoder[1]);
      return parameter.startsWith("encoder.stem.") ? 0 : 2 * stages;
    },
    mayDiffer(parameter) {
      if (parameter.startsWith("decoder.seg_layers.")) return "either";
      // Checkpoints hold the encoder a second time, and every layer.
      return /^decoder\.encoder\.|(^|\.)all_modules\./.test(parameter) ? "left" : undefined;
    },
    toFile: () => nnunetToPlans(config, settings.spatial),
  });
}

const classNames: Readonly<Record<string, NnunetSettings["encoder"]>> = {
  PlainConvUNet: "plain",
  ResidualEncoderUNet: "residual",
};

/** nnU-Net's networks in the catalogue of architectures. */
export const nnunetArchitecture = architectureEntry({
  name: "nnunet",
  summary: "The U-Nets of nnU-Net for images and volumes, plain or with a residual encoder, with their parameter names",
  paper:
    "Isensee et al. 2021, nnU-Net: a self-configuring method for deep learning-based biomedical image segmentation",
  settings: nnunetSettingsSchema,
  roles: { [imageRole]: "images or volumes" },
  presets: {
    nano: { features: [4, 8], depths: [1, 1], decoderDepths: [1] },
    micro: { features: [8, 16, 32] },
    small: { features: [16, 32, 64, 128] },
    base: {},
    residual: { encoder: "residual", depths: [1, 3, 4, 6, 6, 6] },
  },
  suggest: suggestUnet,
  create: nnunetNetwork,
  fromFile(json) {
    const { architecture } = json;
    if (typeof architecture !== "object" || architecture === null) return undefined;
    const { network_class_name: name, arch_kwargs: given } = architecture as Readonly<Record<string, unknown>>;
    const encoder = typeof name === "string" ? classNames[name.split(".").at(-1)!] : undefined;
    if (encoder === undefined) return undefined;
    const channels = typeof json["channels"] === "number" ? json["channels"] : 1;
    const { classes: _none, ...config } = nnunetFromPlans(given, { channels, classes: 1 });
    const spatial = JSON.stringify(given).includes("Conv2d") ? 2 : 3;
    return { settings: { ...config, encoder, spatial } };
  },
});
