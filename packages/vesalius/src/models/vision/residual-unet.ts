import { z } from "zod";
import { add, concat, type Value } from "../../graph/index.ts";
import { convolutionLayer, convolutionTransposeLayer } from "../layers/convolution.ts";
import {
  convolutionBlock,
  monaiBlockNames,
  normAndActivation,
  parametricActivation,
} from "../layers/convolution-block.ts";
import { readPublishedConfig } from "../layers/published-config.ts";

/** Configuration of MONAI's residual UNet, of two or three dimensions as the images are. */
export const residualUnetConfigSchema = z
  .strictObject({
    channels: z.int().positive().default(1),
    classes: z.int().positive().default(2),
    /** Channels of each level, fine to coarse. */
    features: z.array(z.int().positive()).min(2).default([16, 32, 64, 128, 256]),
    /** Stride into each level but the last. */
    strides: z.array(z.int().positive()).min(1).default([2, 2, 2, 2]),
    /** Extent of the kernels; odd. */
    kernel: z.int().positive().default(3),
    /** Convolutions of a residual unit; 0 for plain convolutions. */
    residualUnits: z.int().nonnegative().default(2),
  })
  .refine(({ features, strides }) => strides.length === features.length - 1, {
    error: "there is one stride less than there are levels",
    path: ["strides"],
  });

/** Configuration of MONAI's residual UNet. */
export type ResidualUnetConfig = z.infer<typeof residualUnetConfigSchema>;

/** Keys of MONAI's `UNet` in a bundle's `network_def`. */
const monaiSchema = z.object({
  in_channels: z.int(),
  out_channels: z.int(),
  channels: z.array(z.int()),
  strides: z.array(z.int()),
  kernel_size: z.int().optional(),
  num_res_units: z.int().default(0),
  act: z.stringFormat("PReLU", /^prelu$/i).default("PRELU"),
  norm: z.stringFormat("instance normalization", /^instance$/i).default("INSTANCE"),
  adn_ordering: z.literal("NDA").default("NDA"),
});

/** Begins the message about arguments that do not fit. */
const origin = "these arguments are no MONAI UNet";

/**
 * Configuration from the arguments of MONAI's `UNet`, as a bundle's `network_def` has them.
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing or ask for another architecture
 */
export function residualUnetFromMonai(network: unknown): ResidualUnetConfig {
  const given = readPublishedConfig(origin, monaiSchema, network);
  return readPublishedConfig(origin, residualUnetConfigSchema, {
    channels: given.in_channels,
    classes: given.out_channels,
    features: given.channels,
    strides: given.strides,
    kernel: given.kernel_size,
    residualUnits: given.num_res_units,
  });
}

/** Every normalization is without scale and bias, every rectifier has one learned slope. */
const blockOptions = { names: monaiBlockNames, affine: false, activation: parametricActivation };

interface ResidualUnitOptions {
  readonly kernel: number;
  readonly stride: number;
  readonly units: number;
  readonly lastIsBare?: boolean;
}

/** Convolutions with a shortcut, which is a convolution itself where the shape changes (`ResidualUnit`). */
const residualUnit = (x: Value, name: string, channels: number, options: ResidualUnitOptions): Value =>
  x.graph.block(name, () => residualParts(x, name, channels, options));

function residualParts(x: Value, name: string, channels: number, options: ResidualUnitOptions): Value {
  const { kernel, stride, units, lastIsBare = false } = options;
  let branch = x;
  for (let unit = 0; unit < units; unit++) {
    const part = `${name}.conv.unit${unit}`;
    const by = { kernel, stride: unit === 0 ? stride : 1 };
    branch =
      lastIsBare && unit === units - 1
        ? convolutionLayer(branch, `${part}.conv`, channels, by)
        : convolutionBlock(branch, part, channels, { ...blockOptions, ...by });
  }
  if (stride === 1 && x.shape[1] === channels) return add(branch, x);
  const shortcut = convolutionLayer(x, `${name}.residual`, channels, { kernel: stride === 1 ? 1 : kernel, stride });
  return add(branch, shortcut);
}

/**
 * U-Net with residual units (Kerfoot et al. 2018) as MONAI's `UNet` builds it, with the parameter names of its
 * checkpoints. Levels are nested: what lies below level `n` is named `model.1.submodule` n times.
 *
 * @param images `[batch, channels, height, width]` or `[batch, channels, height, width, depth]`, every extent a multiple
 * of the product of the strides
 * @returns the features of each level of the encoder, fine to coarse, and logits `[batch, classes, ...spatial]`
 */
export function residualUnet(images: Value, config: ResidualUnetConfig): { encoder: readonly Value[]; logits: Value } {
  const { kernel, residualUnits: units } = config;
  const encoder: Value[] = [];
  const down = (x: Value, name: string, channels: number, stride: number): Value =>
    units > 0
      ? residualUnit(x, name, channels, { kernel, stride, units })
      : convolutionBlock(x, name, channels, { ...blockOptions, kernel, stride });
  const up = (x: Value, name: string, channels: number, stride: number, isTop: boolean): Value => {
    const first = units > 0 ? `${name}.0` : name;
    const padding = Math.floor((kernel - 1) / 2);
    const raised = convolutionTransposeLayer(x, `${first}.conv`, channels, { kernel, stride, padding });
    if (units === 0) return isTop ? raised : normAndActivation(raised, first, blockOptions);
    const finished = normAndActivation(raised, first, blockOptions);
    return residualUnit(finished, `${name}.1`, channels, { kernel, stride: 1, units: 1, lastIsBare: isTop });
  };
  const level = (x: Value, name: string, outChannels: number, depth: number): Value => {
    const channels = config.features[depth]!;
    const stride = config.strides[depth]!;
    const inside = down(x, `${name}.0`, channels, stride);
    encoder.push(inside);
    const below = `${name}.1.submodule`;
    const isLast = depth === config.features.length - 2;
    const deeper = isLast
      ? down(inside, below, config.features[depth + 1]!, 1)
      : level(inside, below, channels, depth + 1);
    if (isLast) encoder.push(deeper);
    return up(concat([inside, deeper], 1), `${name}.2`, outChannels, stride, depth === 0);
  };
  return { logits: level(images, "model", config.classes, 0), encoder };
}
