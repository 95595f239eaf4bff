import { convolution, type ConvolutionOptions, convolutionTranspose, perAxis, type Value } from "../../graph/index.ts";

/** Options of `convolutionLayer` and `convolutionTransposeLayer`. A single number holds for every spatial axis. */
export interface ConvolutionLayerOptions extends ConvolutionOptions {
  /** Extent of the kernel; 3 by default. */
  readonly kernel?: number | readonly number[];
  /** Whether `${name}.bias` is added; true by default. */
  readonly bias?: boolean;
}

/** Padding that keeps the extents at stride 1: half of the dilated kernel. */
const halfOfKernel = (kernel: readonly number[], dilation: readonly number[]): number[] =>
  kernel.map((extent, i) => Math.floor(((extent - 1) * dilation[i]!) / 2));

/**
 * Convolution over all spatial axes with parameters `${name}.weight` `[channels, inChannels / groups, ...kernel]` and
 * `${name}.bias` `[channels]`. Padding keeps the extents at stride 1 unless another one is given.
 *
 * @param x `[batch, inChannels, ...spatial]`
 * @returns `[batch, channels, ...spatial / stride]`
 */
export function convolutionLayer(
  x: Value,
  name: string,
  channels: number,
  options: ConvolutionLayerOptions = {},
): Value {
  const rank = x.rank - 2;
  const kernel = perAxis(options.kernel, rank, 3);
  const padding = options.padding ?? halfOfKernel(kernel, perAxis(options.dilation, rank, 1));
  return x.graph.scope(name, () => {
    const inChannels = x.shape[1]! / (options.groups ?? 1);
    const weight = x.graph.parameter(`${name}.weight`, [channels, inChannels, ...kernel], { kind: "kaimingUniform" });
    const bias = options.bias === false ? undefined : x.graph.parameter(`${name}.bias`, [channels], { kind: "zeros" });
    return convolution(x, weight, bias, { ...options, padding });
  });
}

/**
 * Transposed convolution with parameters `${name}.weight` `[inChannels, channels, ...kernel]` and `${name}.bias`
 * `[channels]`, which multiplies every extent by the stride. Padding is as small as that allows unless another one is given; the
 * output padding follows.
 *
 * @param x `[batch, inChannels, ...spatial]`
 * @returns `[batch, channels, ...spatial * stride]`
 */
export function convolutionTransposeLayer(
  x: Value,
  name: string,
  channels: number,
  options: Pick<ConvolutionLayerOptions, "kernel" | "stride" | "bias" | "padding"> = {},
): Value {
  const rank = x.rank - 2;
  const kernel = perAxis(options.kernel, rank, 3);
  const stride = perAxis(options.stride, rank, 1);
  // As MONAI's get_padding and get_output_padding: (extent - 1) * stride - 2 * padding + kernel + extra = extent * stride.
  const smallest = kernel.map((extent, i) => Math.ceil(Math.max(0, extent - stride[i]!) / 2));
  const padding = options.padding === undefined ? smallest : perAxis(options.padding, rank, 0);
  const outputPadding = kernel.map((extent, i) => 2 * padding[i]! + stride[i]! - extent);
  return x.graph.scope(name, () => {
    const weight = x.graph.parameter(`${name}.weight`, [x.shape[1]!, channels, ...kernel], {
      kind: "kaimingUniform",
      fanIn: channels * kernel.reduce((product, extent) => product * extent, 1),
    });
    const bias = options.bias === false ? undefined : x.graph.parameter(`${name}.bias`, [channels], { kind: "zeros" });
    return convolutionTranspose(x, weight, bias, { stride, padding, outputPadding });
  });
}
