import { VesaliusError } from "../../common/errors.ts";
import { batchNorm, elementCount, groupNorm, instanceNorm, transpose, type Value } from "../../graph/index.ts";
import { layerNormLayer } from "./linear.ts";

/** What changes between training and use of a network with batch normalization. */
export interface ForwardMode {
  /** Normalise by the batch and update the running statistics; false normalises by the running statistics. */
  readonly training: boolean;
}

/** Options of `batchNormLayer`. */
export interface BatchNormLayerOptions extends ForwardMode {
  /** Share of the new statistics in the running ones; 0.1 by default. */
  readonly momentum?: number;
  /** 1e-5 by default. */
  readonly epsilon?: number;
}

/**
 * Whether a parameter is a buffer, which no gradient trains: running statistics, which a training step replaces by the
 * outputs `${name}.next`, and the random directions of SAM's positions.
 */
export const isBuffer = (name: string): boolean =>
  /(^|\.)(running_mean|running_var|num_batches_tracked|positional_encoding_gaussian_matrix)$/.test(name);

/**
 * Batch normalization as `torch.nn.BatchNorm1d/2d/3d`, with parameters `${name}.weight`, `${name}.bias` and buffers
 * `${name}.running_mean`, `${name}.running_var`, all `[channels]`. In training mode the graph gets the outputs
 * `${name}.running_mean.next` and `${name}.running_var.next`; a layer that is applied again goes on from them.
 *
 * PyTorch's counter `num_batches_tracked` is left out: with a fixed momentum nothing reads it.
 *
 * @param x `[batch, channels, ...spatial]`
 * @throws VesaliusError `shape-mismatch` in training mode when there is a single value for each channel
 */
export function batchNormLayer(x: Value, name: string, options: BatchNormLayerOptions): Value {
  const { graph } = x;
  const shape = [x.shape[1]!];
  if (options.training && elementCount(x.shape) === x.shape[1])
    throw new VesaliusError("shape-mismatch", "batch normalization needs more than one value for each channel", {
      where: name,
      fix: "train with a larger batch or a larger image",
    });
  const scale = graph.parameter(`${name}.weight`, shape, { kind: "ones" });
  const bias = graph.parameter(`${name}.bias`, shape, { kind: "zeros" });
  const mean = graph.buffer(`${name}.running_mean`, shape, { kind: "zeros" });
  const variance = graph.buffer(`${name}.running_var`, shape, { kind: "ones" });
  // The buffers' own names, which carry the prefix of the network that the layer stands in.
  const next = (buffer: Value): string => `${buffer.name}.next`;
  const state = {
    scale,
    bias,
    runningMean: graph.outputs.get(next(mean)) ?? mean,
    runningVariance: graph.outputs.get(next(variance)) ?? variance,
  };
  const result = graph.scope(name, () => batchNorm(x, state, options));
  if (options.training) {
    graph.outputs.set(next(mean), result.runningMean);
    graph.outputs.set(next(variance), result.runningVariance);
  }
  return result.y;
}

/** Options of `instanceNormLayer`. */
export interface InstanceNormLayerOptions {
  /** Whether there are `${name}.weight` and `${name}.bias` `[channels]`; true by default. */
  readonly affine?: boolean;
  /** 1e-5 by default. */
  readonly epsilon?: number;
}

/**
 * Instance normalization as `torch.nn.InstanceNorm1d/2d/3d` without running statistics.
 *
 * @param x `[batch, channels, ...spatial]`
 */
export function instanceNormLayer(x: Value, name: string, options: InstanceNormLayerOptions = {}): Value {
  const { graph } = x;
  const shape = [x.shape[1]!];
  const affine = options.affine ?? true;
  return graph.scope(name, () => {
    const scale = affine ? graph.parameter(`${name}.weight`, shape, { kind: "ones" }) : graph.filled(shape, 1);
    const bias = affine ? graph.parameter(`${name}.bias`, shape, { kind: "zeros" }) : graph.filled(shape, 0);
    return instanceNorm(x, scale, bias, options.epsilon ?? 1e-5);
  });
}

/**
 * Group normalization as `torch.nn.GroupNorm`, with parameters `${name}.weight`, `${name}.bias` `[channels]`.
 *
 * @param x `[batch, channels, ...spatial]`
 * @param groups number of groups, a divisor of the channels
 */
export function groupNormLayer(x: Value, name: string, groups: number, epsilon = 1e-5): Value {
  const shape = [x.shape[1]!];
  return x.graph.scope(name, () => {
    const scale = x.graph.parameter(`${name}.weight`, shape, { kind: "ones" });
    const bias = x.graph.parameter(`${name}.bias`, shape, { kind: "zeros" });
    return groupNorm(x, groups, scale, bias, epsilon);
  });
}

/** Moves the channels behind the spatial axes: `[batch, channels, ...spatial]` to `[batch, ...spatial, channels]`. */
export const channelsLast = (x: Value): Value => transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);

/** Moves the channels in front of the spatial axes: `[batch, ...spatial, channels]` to `[batch, channels, ...spatial]`. */
export const channelsFirst = (x: Value): Value =>
  transpose(x, [0, x.rank - 1, ...x.shape.slice(2).map((_, i) => i + 1)]);

/**
 * Layer normalization over the channels of an image (`LayerNorm2d` of ConvNeXt and SAM), with parameters
 * `${name}.weight`, `${name}.bias` `[channels]`.
 *
 * @param x `[batch, channels, ...spatial]`
 */
export const channelNormLayer = (x: Value, name: string, epsilon = 1e-6): Value =>
  channelsFirst(layerNormLayer(channelsLast(x), name, epsilon));
