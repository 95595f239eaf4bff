import { z } from "zod";
import { concat, maxPool, type Value } from "../../graph/index.ts";
import { convolutionLayer, convolutionTransposeLayer } from "../layers/convolution.ts";
import { convolutionBlock, extendTo, leakyActivation, monaiBlockNames } from "../layers/convolution-block.ts";
import { readPublishedConfig } from "../layers/published-config.ts";

/** Configuration of MONAI's BasicUNet, of two or three dimensions as the images are. */
export const basicUnetConfigSchema = z.strictObject({
  channels: z.int().positive().default(1),
  classes: z.int().positive().default(2),
  /** Channels of the five levels from fine to coarse, and of the last decoder level. */
  features: z.array(z.int().positive()).length(6).default([32, 32, 64, 128, 256, 32]),
  /** Slope of the rectifiers for negative numbers. */
  negativeSlope: z.number().nonnegative().default(0.1),
});

/** Configuration of MONAI's BasicUNet. */
export type BasicUnetConfig = z.infer<typeof basicUnetConfigSchema>;

/** Keys of MONAI's `BasicUNet` in a bundle's `network_def`. */
const monaiSchema = z.object({
  in_channels: z.int().optional(),
  out_channels: z.int().optional(),
  features: z.array(z.int()).optional(),
  upsample: z.literal("deconv").default("deconv"),
});

/** Begins the message about arguments that do not fit. */
const origin = "these arguments are no MONAI BasicUNet";

/**
 * Configuration from the arguments of MONAI's `BasicUNet`, as a bundle's `network_def` has them.
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing or ask for another architecture
 */
export function basicUnetFromMonai(network: unknown): BasicUnetConfig {
  const { in_channels: channels, out_channels: classes, features } = readPublishedConfig(origin, monaiSchema, network);
  return readPublishedConfig(origin, basicUnetConfigSchema, { channels, classes, features });
}

/**
 * U-Net (Ronneberger et al. 2015, Falk et al. 2019) as MONAI's `BasicUNet` builds it, with the parameter names of its
 * checkpoints: two convolutions a level, max pooling, transposed convolutions.
 *
 * @param images `[batch, channels, height, width]` or `[batch, channels, height, width, depth]`, every extent 16 or more
 * @returns the features of each level of the encoder, fine to coarse, and logits `[batch, classes, ...spatial]`
 */
export function basicUnet(images: Value, config: BasicUnetConfig): { encoder: readonly Value[]; logits: Value } {
  const { features } = config;
  const options = { names: monaiBlockNames, activation: leakyActivation(config.negativeSlope) };
  const twice = (x: Value, name: string, channels: number): Value =>
    x.graph.block(name, () =>
      convolutionBlock(convolutionBlock(x, `${name}.conv_0`, channels, options), `${name}.conv_1`, channels, options),
    );
  const encoder = [twice(images, "conv_0", features[0]!)];
  for (let level = 1; level <= 4; level++)
    encoder.push(twice(maxPool(encoder.at(-1)!, 2), `down_${level}.convs`, features[level]!));
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
  }
  return { encoder, logits: convolutionLayer(x, "final_conv", config.classes, { kernel: 1 }) };
}
