import { concat, leakyRelu, parametricRelu, slice, type Value } from "../../graph/index.ts";
import { convolutionLayer, type ConvolutionLayerOptions } from "./convolution.ts";
import { instanceNormLayer } from "./normalization.ts";

/** Nonlinearity of a convolution block; `name` is that of its parameters, where it has any. */
export type BlockActivation = (x: Value, name: string) => Value;

/** `x` where it is positive and `slope * x` elsewhere. */
export const leakyActivation =
  (slope: number): BlockActivation =>
  (x) =>
    leakyRelu(x, slope);

/** Rectifier with one learned slope `${name}.weight` `[1]`, 0.25 at the start. */
export const parametricActivation: BlockActivation = (x, name) =>
  parametricRelu(x, x.graph.parameter(`${name}.weight`, [1], { kind: "constant", value: 0.25 }));

/** Names of the parts of a convolution block, after the block's own name. */
export interface ConvolutionBlockNames {
  readonly convolution: string;
  readonly norm: string;
  readonly activation: string;
}

/** MONAI's `Convolution`: `conv`, `adn.N`, `adn.A`. */
export const monaiBlockNames: ConvolutionBlockNames = { convolution: "conv", norm: "adn.N", activation: "adn.A" };
/** nnU-Net's `ConvDropoutNormReLU`: `conv`, `norm`. */
export const nnunetBlockNames: ConvolutionBlockNames = { convolution: "conv", norm: "norm", activation: "nonlin" };

/** Options of `convolutionBlock`. */
export interface ConvolutionBlockOptions extends ConvolutionLayerOptions {
  readonly names: ConvolutionBlockNames;
  /** Whether the instance normalization has a scale and a bias; true by default. */
  readonly affine?: boolean;
  /** No nonlinearity where it is left out. */
  readonly activation?: BlockActivation | undefined;
}

/** Instance normalization and nonlinearity, which end a convolution block. */
export function normAndActivation(x: Value, name: string, options: Omit<ConvolutionBlockOptions, "kernel">): Value {
  const { names, activation } = options;
  const normed = instanceNormLayer(x, `${name}.${names.norm}`, { affine: options.affine ?? true });
  return activation === undefined ? normed : activation(normed, `${name}.${names.activation}`);
}

/**
 * Convolution, instance normalization, nonlinearity: the block of U-Nets for medical images.
 *
 * @param x `[batch, inChannels, ...spatial]`
 * @returns `[batch, channels, ...spatial / stride]`
 */
export const convolutionBlock = (x: Value, name: string, channels: number, options: ConvolutionBlockOptions): Value =>
  normAndActivation(convolutionLayer(x, `${name}.${options.names.convolution}`, channels, options), name, options);

/** Repeats the last slice of every spatial axis on which `x` is one shorter than `like`, as MONAI does for odd extents. */
export function extendTo(x: Value, like: Value): Value {
  let extended = x;
  for (let axis = 2; axis < x.rank; axis++) {
    const extent = x.shape[axis]!;
    if (extent + 1 === like.shape[axis]) extended = concat([extended, slice(extended, axis, extent - 1, extent)], axis);
  }
  return extended;
}
