import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { concat, maxPool, type Value } from "../../graph/index.ts";
import { convolutionLayer, convolutionTransposeLayer } from "../layers/convolution.ts";
import {
  blockActivationSchema,
  blockNormSchema,
  convolutionBlock,
  extendTo,
  monaiBlockNames,
} from "../layers/convolution-block.ts";
import {
  monaiActivation,
  monaiActivationSchema,
  monaiBlockNormSchema,
  monaiNeutralKeys,
  monaiNorm,
} from "../layers/monai.ts";
import type { ForwardMode } from "../layers/normalization.ts";
import { readPublishedConfig } from "../layers/published-config.ts";

/** Configuration of MONAI's BasicUNet, of two or three dimensions as the images are. */
export const basicUnetConfigSchema = z.strictObject({
  channels: z.int().positive().default(1),
  classes: z.int().positive().default(2),
  /** Channels of the five levels from fine to coarse, and of the last decoder level. */
  features: z.array(z.int().positive()).length(6).default([32, 32, 64, 128, 256, 32]),
  activation: blockActivationSchema.default({ kind: "leakyRelu", slope: 0.1 }),
  norm: blockNormSchema.default({ kind: "instance", affine: true }),
  /** Biases of the convolutions. */
  bias: z.boolean().default(true),
  /** Share of each block's result that training drops. */
  dropout: z.number().min(0).lt(1).default(0),
});

/** Configuration of MONAI's BasicUNet. */
export type BasicUnetConfig = z.infer<typeof basicUnetConfigSchema>;

/** Keys of MONAI's `BasicUNet` in a bundle's `network_def`. */
const monaiSchema = z.object({
  in_channels: z.int().default(1),
  out_channels: z.int().default(2),
  features: z.array(z.int()).optional(),
  act: monaiActivationSchema.optional(),
  norm: monaiBlockNormSchema.optional(),
  bias: z.boolean().optional(),
  dropout: z.number().optional(),
  upsample: z.literal("deconv").default("deconv"),
});

/** Begins the message about arguments that do not fit. */
const origin = "these arguments are no MONAI BasicUNet";

/**
 * Configuration from the arguments of MONAI's `BasicUNet`, as a bundle's `network_def` has them.
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing, unknown or ask for another architecture
 */
export function basicUnetFromMonai(network: unknown): BasicUnetConfig {
  const given = readPublishedConfig(origin, monaiSchema, network, { neutral: monaiNeutralKeys });
  return readPublishedConfig(origin, basicUnetConfigSchema, {
    channels: given.in_channels,
    classes: given.out_channels,
    features: given.features,
    activation: given.act,
    norm: given.norm,
    bias: given.bias,
    dropout: given.dropout,
  });
}

/** Arguments of MONAI's `BasicUNet`. */
export const basicUnetToMonai = (config: Omit<BasicUnetConfig, "classes">, spatial: number) => ({
  _target_: "BasicUNet",
  spatial_dims: spatial,
  in_channels: config.channels,
  features: config.features,
  act: monaiActivation(config.activation),
  norm: monaiNorm(config.norm),
  bias: config.bias,
  dropout: config.dropout,
});

/** Extent that four halvings take to a single element. */
const smallestExtent = 16;

/** Features of a U-Net, before any class is told apart. */
export interface UnetStates {
  /** Features of each level of the encoder, fine to coarse. */
  readonly encoder: readonly Value[];
  /** Features of each level of the decoder, fine to coarse. */
  readonly decoder: readonly Value[];
}

/**
 * Encoder and decoder of MONAI's `BasicUNet`; see `basicUnet`.
 *
 * @param images `[batch, channels, height, width]` or `[batch, channels, height, width, depth]`
 * @throws VesaliusError `shape-mismatch` where an extent is less than 16
 */
export function basicUnetStates(
  images: Value,
  config: Omit<BasicUnetConfig, "classes">,
  mode: ForwardMode = { training: false },
): UnetStates {
  const extents = images.shape.slice(2);
  if (extents.some((extent) => extent < smallestExtent))
    throw new VesaliusError(
      "shape-mismatch",
      `the extents ${extents.join(" x ")} are too small for four halvings, which need ${smallestExtent} along every axis`,
      { fix: "read larger patches, or resample the images to a finer spacing" },
    );
  const { features, activation, norm, bias, dropout } = config;
  const options = { names: monaiBlockNames, activation, norm, bias, dropout, mode };
  const twice = (x: Value, name: string, channels: number): Value =>
    x.graph.block(name, () =>
      convolutionBlock(convolutionBlock(x, `${name}.conv_0`, channels, options), `${name}.conv_1`, channels, options),
    );
  const encoder = [twice(images, "conv_0", features[0]!)];
  for (let level = 1; level <= 4; level++)
    encoder.push(twice(maxPool(encoder.at(-1)!, 2), `down_${level}.convs`, features[level]!));
  const decoder: Value[] = [];
  let x = encoder[4]!;
  for (let level = 4; level >= 1; level--) {
    const channels = x.shape[1]!;
    const skip = encoder[level - 1]!;
    // The finest level keeps its channels while up-sampling, the others halve them.
    const narrowed = level === 1 ? channels : Math.floor(channels / 2);
    const name = `upcat_${level}`;
    const up = convolutionTransposeLayer(x, `${name}.upsample.deconv`, narrowed, { kernel: 2, stride: 2 });
    const result = level === 1 ? features[5]! : features[level - 1]!;
    x = twice(concat([skip, extendTo(up, skip)], 1), `${name}.convs`, result);
    decoder.unshift(x);
  }
  return { encoder, decoder };
}

/**
 * U-Net (Ronneberger et al. 2015, Falk et al. 2019) as MONAI's `BasicUNet` builds it, with the parameter names of its
 * checkpoints: two convolutions a level, max pooling, transposed convolutions.
 *
 * @param images `[batch, channels, height, width]` or `[batch, channels, height, width, depth]`, every extent 16 or more
 * @returns the features of each level of the encoder, fine to coarse, and logits `[batch, classes, ...spatial]`
 * @throws VesaliusError `shape-mismatch` where an extent is less than 16
 */
export function basicUnet(
  images: Value,
  config: BasicUnetConfig,
  mode: ForwardMode = { training: false },
): { encoder: readonly Value[]; logits: Value } {
  const { encoder, decoder } = basicUnetStates(images, config, mode);
  return { encoder, logits: basicUnetSegmentation(decoder[0]!, config.classes) };
}

/** Segmentation layer of MONAI's `BasicUNet`, `final_conv`: logits `[batch, classes, ...spatial]`. */
export const basicUnetSegmentation = (finest: Value, classes: number): Value =>
  convolutionLayer(finest, "final_conv", classes, { kernel: 1 });
