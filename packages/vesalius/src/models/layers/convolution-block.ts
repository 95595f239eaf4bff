import { z } from "zod";
import {
  celu,
  clip,
  concat,
  elu,
  gelu,
  leakyRelu,
  mish,
  parametricRelu,
  relu,
  selu,
  sigmoid,
  silu,
  slice,
  tanh,
  type Value,
} from "../../graph/index.ts";
import { convolutionLayer, type ConvolutionLayerOptions } from "./convolution.ts";
import { dropoutLayer } from "./dropout.ts";
import { batchNormLayer, type ForwardMode, groupNormLayer, instanceNormLayer } from "./normalization.ts";

/** Added to the variance; 1e-5 where it is left out. */
const epsilonShape = { epsilon: z.number().positive().optional() };

/** Normalization of a convolution block. */
export const blockNormSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("instance"), affine: z.boolean().default(true), ...epsilonShape }),
  z.strictObject({ kind: z.literal("batch"), momentum: z.number().min(0).max(1).optional(), ...epsilonShape }),
  z.strictObject({ kind: z.literal("group"), groups: z.int().positive(), ...epsilonShape }),
]);

/** Normalization of a convolution block. */
export type BlockNorm = z.infer<typeof blockNormSchema>;

/** Nonlinearity of a convolution block. */
export const blockActivationSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["relu", "relu6", "selu", "silu", "gelu", "mish", "sigmoid", "tanh"]) }),
  z.strictObject({ kind: z.literal("leakyRelu"), slope: z.number().nonnegative().default(0.01) }),
  z.strictObject({ kind: z.literal("elu"), alpha: z.number().default(1) }),
  z.strictObject({ kind: z.literal("celu"), alpha: z.number().positive().default(1) }),
  /** A rectifier with one learned slope `${name}.weight` `[1]`. */
  z.strictObject({ kind: z.literal("prelu"), slope: z.number().default(0.25) }),
]);

/** Nonlinearity of a convolution block. */
export type BlockActivation = z.infer<typeof blockActivationSchema>;

const plain = { relu, relu6: (x: Value): Value => clip(x, 0, 6), selu, silu, gelu, mish, sigmoid, tanh } as const;

/** Applies a nonlinearity; `name` is that of its parameters, where it has any. */
export function activate(x: Value, name: string, activation: BlockActivation): Value {
  switch (activation.kind) {
    case "leakyRelu":
      return leakyRelu(x, activation.slope);
    case "elu":
      return elu(x, activation.alpha);
    case "celu":
      return celu(x, activation.alpha);
    case "prelu":
      return parametricRelu(x, x.graph.parameter(`${name}.weight`, [1], { kind: "constant", value: activation.slope }));
    default:
      return plain[activation.kind](x);
  }
}

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

/** What follows a convolution in a block. */
export interface ConvolutionBlockStyle {
  readonly names: ConvolutionBlockNames;
  /** Instance normalization with a scale and a bias by default; null for none. */
  readonly norm?: BlockNorm | null;
  /** No nonlinearity where it is left out. */
  readonly activation?: BlockActivation | undefined;
  /** Share of a result that training drops; 0 by default. */
  readonly dropout?: number;
  /** Order of normalization, dropout and activation, in MONAI's letters; `NDA` by default. */
  readonly order?: string;
  /** Use by default. */
  readonly mode?: ForwardMode;
}

/** Options of `convolutionBlock`. */
export interface ConvolutionBlockOptions extends ConvolutionLayerOptions, ConvolutionBlockStyle {}

/** Applies a normalization; `name` is that of its parameters, where it has any. */
export function normalize(x: Value, name: string, norm: BlockNorm, mode: ForwardMode): Value {
  const epsilon = norm.epsilon === undefined ? {} : { epsilon: norm.epsilon };
  if (norm.kind === "instance") return instanceNormLayer(x, name, { affine: norm.affine, ...epsilon });
  if (norm.kind === "group") return groupNormLayer(x, name, norm.groups, norm.epsilon);
  return batchNormLayer(x, name, {
    ...mode,
    ...epsilon,
    ...(norm.momentum === undefined ? {} : { momentum: norm.momentum }),
  });
}

/** Normalization, dropout and nonlinearity, which end a convolution block. */
export function normAndActivation(x: Value, name: string, style: ConvolutionBlockStyle): Value {
  const { names, activation, norm = { kind: "instance", affine: true }, mode = { training: false } } = style;
  let y = x;
  for (const letter of style.order ?? "NDA") {
    if (letter === "N" && norm !== null) y = normalize(y, `${name}.${names.norm}`, norm, mode);
    if (letter === "A" && activation !== undefined) y = activate(y, `${name}.${names.activation}`, activation);
    if (letter === "D") y = dropoutLayer(y, name, style.dropout ?? 0, mode);
  }
  return y;
}

/**
 * Convolution, normalization, nonlinearity: the block of U-Nets for medical images.
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
