import { z } from "zod";
import { add, concat, type Value } from "../../graph/index.ts";
import { convolutionLayer, convolutionTransposeLayer } from "../layers/convolution.ts";
import {
  blockActivationSchema,
  blockNormSchema,
  convolutionBlock,
  monaiBlockNames,
  normAndActivation,
} from "../layers/convolution-block.ts";
import { checkExtents, totalStrides } from "../layers/extents.ts";
import {
  monaiActivation,
  monaiActivationSchema,
  monaiBlockNormSchema,
  monaiNeutralKeys,
  monaiNorm,
  monaiOrderSchema,
} from "../layers/monai.ts";
import type { ForwardMode } from "../layers/normalization.ts";
import { readPublishedConfig } from "../layers/published-config.ts";
import type { UnetStates } from "./basic-unet.ts";

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
    /** Extent of the kernels that lead up; that of the others where it is left out. */
    upKernel: z.int().positive().optional(),
    activation: blockActivationSchema.default({ kind: "prelu", slope: 0.25 }),
    norm: blockNormSchema.default({ kind: "instance", affine: false }),
    /** Order of normalization, dropout and activation after a convolution. */
    order: monaiOrderSchema.default("NDA"),
    /** Biases of the convolutions. */
    bias: z.boolean().default(true),
    /** Share of each result that training drops. */
    dropout: z.number().min(0).lt(1).default(0),
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
  out_channels: z.int().default(2),
  channels: z.array(z.int()),
  strides: z.array(z.int()),
  kernel_size: z.int().default(3),
  up_kernel_size: z.int().default(3),
  num_res_units: z.int().default(0),
  act: monaiActivationSchema.optional(),
  norm: monaiBlockNormSchema.optional(),
  adn_ordering: monaiOrderSchema.optional(),
  bias: z.boolean().optional(),
  dropout: z.number().optional(),
});

/** Begins the message about arguments that do not fit. */
const origin = "these arguments are no MONAI UNet";

/**
 * Configuration from the arguments of MONAI's `UNet`, as a bundle's `network_def` has them.
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing, unknown or ask for another architecture
 */
export function residualUnetFromMonai(network: unknown): ResidualUnetConfig {
  const given = readPublishedConfig(origin, monaiSchema, network, { neutral: monaiNeutralKeys });
  return readPublishedConfig(origin, residualUnetConfigSchema, {
    channels: given.in_channels,
    classes: given.out_channels,
    features: given.channels,
    strides: given.strides,
    kernel: given.kernel_size,
    upKernel: given.up_kernel_size,
    residualUnits: given.num_res_units,
    activation: given.act,
    norm: given.norm,
    order: given.adn_ordering,
    bias: given.bias,
    dropout: given.dropout,
  });
}

/** Configuration without what a segmentation layer adds. */
export type ResidualUnetBody = Omit<ResidualUnetConfig, "classes">;

/** Arguments of MONAI's `UNet`. */
export const residualUnetToMonai = (config: ResidualUnetBody, spatial: number) => ({
  _target_: "UNet",
  spatial_dims: spatial,
  in_channels: config.channels,
  channels: config.features,
  strides: config.strides,
  kernel_size: config.kernel,
  up_kernel_size: config.upKernel ?? config.kernel,
  num_res_units: config.residualUnits,
  act: monaiActivation(config.activation),
  norm: monaiNorm(config.norm),
  adn_ordering: config.order,
  bias: config.bias,
  dropout: config.dropout,
});

const inUse: ForwardMode = { training: false };

/** What follows each convolution. */
const styleOf = (config: ResidualUnetBody, mode: ForwardMode) => ({
  names: monaiBlockNames,
  activation: config.activation,
  norm: config.norm,
  order: config.order,
  dropout: config.dropout,
  bias: config.bias,
  mode,
});
type Style = ReturnType<typeof styleOf>;

interface ResidualUnitOptions {
  readonly style: Style;
  readonly kernel: number;
  readonly stride: number;
  readonly units: number;
  readonly lastIsBare?: boolean;
}

/** Convolutions with a shortcut, which is a convolution itself where the shape changes (`ResidualUnit`). */
const residualUnit = (x: Value, name: string, channels: number, options: ResidualUnitOptions): Value =>
  x.graph.block(name, () => residualParts(x, name, channels, options));

function residualParts(x: Value, name: string, channels: number, options: ResidualUnitOptions): Value {
  const { kernel, stride, units, style, lastIsBare = false } = options;
  const { bias } = style;
  let branch = x;
  for (let unit = 0; unit < units; unit++) {
    const part = `${name}.conv.unit${unit}`;
    const by = { kernel, stride: unit === 0 ? stride : 1 };
    branch =
      lastIsBare && unit === units - 1
        ? convolutionLayer(branch, `${part}.conv`, channels, { ...by, bias })
        : convolutionBlock(branch, part, channels, { ...style, ...by });
  }
  if (stride === 1 && x.shape[1] === channels) return add(branch, x);
  const shortcut = convolutionLayer(x, `${name}.residual`, channels, {
    kernel: stride === 1 ? 1 : kernel,
    stride,
    bias,
  });
  return add(branch, shortcut);
}

/** Leads one level down. */
function down(x: Value, name: string, channels: number, stride: number, config: ResidualUnetBody, style: Style): Value {
  const { kernel, residualUnits: units } = config;
  return units > 0
    ? residualUnit(x, name, channels, { kernel, stride, units, style })
    : convolutionBlock(x, name, channels, { ...style, kernel, stride });
}

/** Leads one level up; the last of all ends in a bare convolution. */
function up(
  x: Value,
  name: string,
  [channels, stride]: readonly [channels: number, stride: number],
  config: ResidualUnetBody,
  style: Style,
  isTop: boolean,
): Value {
  const kernel = config.upKernel ?? config.kernel;
  const first = config.residualUnits > 0 ? `${name}.0` : name;
  const by = { kernel, stride, padding: Math.floor((kernel - 1) / 2), bias: config.bias };
  const raised = convolutionTransposeLayer(x, `${first}.conv`, channels, by);
  if (config.residualUnits === 0) return isTop ? raised : normAndActivation(raised, first, style);
  const finished = normAndActivation(raised, first, style);
  const unit = { kernel: config.kernel, stride: 1, units: 1, style, lastIsBare: isTop };
  return residualUnit(finished, `${name}.1`, channels, unit);
}

/**
 * Encoder and decoder of MONAI's `UNet`; see `residualUnet`. What each level's way up starts from is `decoder`, so that
 * the finest of it is one stride coarser than the images.
 *
 * @throws VesaliusError `shape-mismatch` where an extent is no multiple of the product of the strides
 */
export function residualUnetStates(images: Value, config: ResidualUnetBody, mode = inUse): UnetStates {
  const { features, strides } = config;
  checkExtents(images.shape.slice(2), totalStrides(strides, images.rank - 2));
  const style = styleOf(config, mode);
  const encoder: Value[] = [];
  const decoder: Value[] = [];
  const level = (x: Value, name: string, depth: number): Value => {
    const channels = features[depth]!;
    const inside = down(x, `${name}.0`, channels, strides[depth]!, config, style);
    encoder.push(inside);
    const below = `${name}.1.submodule`;
    let deeper: Value;
    if (depth === features.length - 2) {
      deeper = down(inside, below, features[depth + 1]!, 1, config, style);
      encoder.push(deeper);
    } else
      deeper = up(level(inside, below, depth + 1), `${below}.2`, [channels, strides[depth + 1]!], config, style, false);
    const joined = concat([inside, deeper], 1);
    decoder.unshift(joined);
    return joined;
  };
  level(images, "model", 0);
  return { encoder, decoder };
}

/**
 * The last way up of MONAI's `UNet`, `model.2`.
 *
 * @param finest of `residualUnetStates`
 * @returns logits `[batch, classes, ...spatial]`
 */
export const residualUnetSegmentation = (
  finest: Value,
  classes: number,
  config: ResidualUnetBody,
  mode = inUse,
): Value => up(finest, "model.2", [classes, config.strides[0]!], config, styleOf(config, mode), true);

/**
 * U-Net with residual units (Kerfoot et al. 2018) as MONAI's `UNet` builds it, with the parameter names of its
 * checkpoints. Levels are nested: what lies below level `n` is named `model.1.submodule` n times.
 *
 * @param images `[batch, channels, height, width]` or `[batch, channels, height, width, depth]`, every extent a multiple
 * of the product of the strides
 * @returns the features of each level of the encoder, fine to coarse, and logits `[batch, classes, ...spatial]`
 * @throws VesaliusError `shape-mismatch` where an extent is none
 */
export function residualUnet(
  images: Value,
  config: ResidualUnetConfig,
  mode = inUse,
): { encoder: readonly Value[]; logits: Value } {
  const { encoder, decoder } = residualUnetStates(images, config, mode);
  return { encoder, logits: residualUnetSegmentation(decoder[0]!, config.classes, config, mode) };
}
