import { int, ints } from "../attributes.ts";
import { emit } from "../emit.ts";
import type { Attributes, Value } from "../value.ts";

/** Options of `convolution`. A single number holds for every spatial axis. */
export interface ConvolutionOptions {
  /** 1 by default. */
  readonly stride?: number | readonly number[];
  /** Zeros on both sides of each axis; 0 by default. */
  readonly padding?: number | readonly number[];
  /** Distance of the kernel's elements; 1 by default. */
  readonly dilation?: number | readonly number[];
  /** Number of groups of channels that do not see each other; 1 by default. */
  readonly groups?: number;
}

/** Options of `convolutionTranspose`. */
export interface ConvolutionTransposeOptions extends ConvolutionOptions {
  /** Elements to add behind each axis of the output; 0 by default. */
  readonly outputPadding?: number | readonly number[];
}

/** One entry for each spatial axis. */
export const perAxis = (given: number | readonly number[] | undefined, rank: number, fallback: number): number[] =>
  Array.from({ length: rank }, (_, i) => (typeof given === "object" ? given[i]! : (given ?? fallback)));

function windowAttributes(rank: number, options: ConvolutionOptions): Attributes {
  const padding = perAxis(options.padding, rank, 0);
  return {
    strides: ints(perAxis(options.stride, rank, 1)),
    dilations: ints(perAxis(options.dilation, rank, 1)),
    pads: ints([...padding, ...padding]),
    group: int(options.groups ?? 1),
  };
}

/**
 * Convolution (cross-correlation) over one, two or three spatial axes, as `torch.nn.functional.conv1d/2d/3d`.
 *
 * @param x `[batch, inChannels, ...spatial]`
 * @param weight `[outChannels, inChannels / groups, ...kernel]`
 * @param bias `[outChannels]`
 */
export const convolution = (x: Value, weight: Value, bias?: Value, options: ConvolutionOptions = {}): Value =>
  emit("Conv", bias === undefined ? [x, weight] : [x, weight, bias], windowAttributes(x.rank - 2, options));

/**
 * Transposed convolution over one, two or three spatial axes, as `torch.nn.functional.conv_transpose1d/2d/3d`: the
 * output has `(extent - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1` elements along an axis.
 *
 * @param x `[batch, inChannels, ...spatial]`
 * @param weight `[inChannels, outChannels / groups, ...kernel]`
 * @param bias `[outChannels]`
 */
export const convolutionTranspose = (
  x: Value,
  weight: Value,
  bias?: Value,
  options: ConvolutionTransposeOptions = {},
): Value =>
  emit("ConvTranspose", bias === undefined ? [x, weight] : [x, weight, bias], {
    ...windowAttributes(x.rank - 2, options),
    output_padding: ints(perAxis(options.outputPadding, x.rank - 2, 0)),
  });
