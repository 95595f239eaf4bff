import { z } from "zod";
import {
  add,
  concat,
  convolution,
  leakyRelu,
  maxPool,
  reduceMean,
  reshape,
  resize,
  slice,
  type Value,
} from "../../graph/index.ts";
import { convolutionLayer } from "../layers/convolution.ts";

/** Configuration of UniverSeg; its published model by default. */
export const universegConfigSchema = z.strictObject({
  /** Channels of each encoder block, fine to coarse; the decoder mirrors all but the last. */
  features: z.array(z.int().positive()).min(2).default([64, 64, 64, 64]),
});

/** Configuration of UniverSeg. */
export type UniversegConfig = z.infer<typeof universegConfigSchema>;

/** Feature maps of the image to segment and of its examples. */
export interface CrossFeatures {
  /** `[batch, channels, height, width]` */
  readonly target: Value;
  /** `[batch, examples, channels, height, width]` */
  readonly support: Value;
}

/** Applies a function of images to every example. */
function eachExample(support: Value, apply: (images: Value) => Value): Value {
  const [batch, examples, ...image] = support.shape as [number, number, ...number[]];
  const result = apply(reshape(support, [batch * examples, ...image]));
  return reshape(result, [batch, examples, ...result.shape.slice(1)]);
}

/**
 * Convolution of every pair of target and example, `${name}.weight` `[features, targetChannels + supportChannels, 3, 3]`.
 * A convolution of joined channels is the sum of two, so the target is convolved once instead of once a pair.
 */
function crossConvolution({ target, support }: CrossFeatures, name: string, features: number): Value {
  const [inTarget, inSupport] = [target.shape[1]!, support.shape[2]!];
  const { graph } = target;
  const weight = graph.parameter(`${name}.weight`, [features, inTarget + inSupport, 3, 3], { kind: "kaimingUniform" });
  const bias = graph.parameter(`${name}.bias`, [features], { kind: "zeros" });
  const same = { padding: 1 };
  const fromTarget = convolution(target, slice(weight, 1, 0, inTarget), bias, same);
  const ofSupport = slice(weight, 1, inTarget, inTarget + inSupport);
  const fromSupport = eachExample(support, (images) => convolution(images, ofSupport, undefined, same));
  const [batch, ...image] = fromTarget.shape as [number, ...number[]];
  return add(fromSupport, reshape(fromTarget, [batch, 1, ...image]));
}

/** Every pair interacts; the target takes the mean over the examples (`CrossBlock`). */
const crossBlock = (features: CrossFeatures, name: string, channels: number): CrossFeatures =>
  features.target.graph.block(name, () => crossParts(features, name, channels));

function crossParts(features: CrossFeatures, name: string, channels: number): CrossFeatures {
  const interaction = crossConvolution(features, `${name}.cross.cross_conv`, channels);
  const convolve = (images: Value, part: string): Value =>
    leakyRelu(convolutionLayer(images, `${name}.${part}.vmapped.conv`, channels));
  return {
    target: convolve(reduceMean(interaction, [1], { keepDimensions: false }), "target"),
    support: eachExample(interaction, (images) => convolve(images, "support")),
  };
}

const onBoth = ({ target, support }: CrossFeatures, apply: (images: Value) => Value): CrossFeatures => ({
  target: apply(target),
  support: eachExample(support, apply),
});

/**
 * UniverSeg (Butoi et al. 2023): segments an image after the example of others, without training on the task. Parameter
 * names are those of JJGO/UniverSeg.
 *
 * @param target `[batch, 1, height, width]`, both extents divisible by 2 for each encoder block after the first
 * @param supportImages `[batch, examples, 1, height, width]`
 * @param supportLabels masks of the examples, 0 to 1, of the same shape
 * @returns the result of each encoder block, fine to coarse, and logits of the mask `[batch, 1, height, width]`
 */
export function universeg(
  target: Value,
  supportImages: Value,
  supportLabels: Value,
  config: UniversegConfig,
): { encoder: readonly CrossFeatures[]; logits: Value } {
  const encoder: CrossFeatures[] = [];
  let x: CrossFeatures = { target, support: concat([supportImages, supportLabels], 2) };
  config.features.forEach((channels, i) => {
    if (i > 0) x = onBoth(x, (images) => maxPool(images, 2));
    x = crossBlock(x, `enc_blocks.${i}`, channels);
    encoder.push(x);
  });
  const skips = encoder.slice(0, -1).reverse();
  skips.forEach((skip, i) => {
    const size = skip.target.shape.slice(2);
    const up = onBoth(x, (images) => resize(images, size, { alignCorners: true }));
    const joined = {
      target: concat([up.target, skip.target], 1),
      support: concat([up.support, skip.support], 2),
    };
    x = crossBlock(joined, `dec_blocks.${i}`, skip.target.shape[1]!);
  });
  return { encoder, logits: convolutionLayer(x.target, "out_conv.conv", 1, { kernel: 1 }) };
}
