import { float, int } from "../attributes.ts";
import { emit, emitMany } from "../emit.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { add, multiply } from "./arithmetic.ts";

/** Parameters and running statistics of a batch normalization, each `[channels]`. */
export interface BatchNormState {
  readonly scale: Value;
  readonly bias: Value;
  readonly runningMean: Value;
  readonly runningVariance: Value;
}

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Normalize with the statistics of the batch and update the running ones; false by default. */
  readonly training?: boolean;
  /** Weight of the new batch in the running statistics, as in PyTorch; 0.1 by default. */
  readonly momentum?: number;
  readonly epsilon?: number;
}

/** Result of `batchNorm`; without training the running statistics are those that were given. */
export interface BatchNormResult {
  readonly y: Value;
  readonly runningMean: Value;
  readonly runningVariance: Value;
}

/**
 * Batch normalization (Ioffe and Szegedy 2015), equal to `torch.nn.BatchNorm1d/2d/3d`: the batch is normalized with its
 * biased variance, and the unbiased variance goes into the running statistics.
 *
 * @param x `[batch, channels, ...spatial]`
 */
export function batchNorm(x: Value, state: BatchNormState, options: BatchNormOptions = {}): BatchNormResult {
  const { training = false, momentum = 0.1, epsilon = 1e-5 } = options;
  const { scale, bias, runningMean, runningVariance } = state;
  const inputs = [x, scale, bias, runningMean, runningVariance];
  if (!training)
    return { y: emit("BatchNormalization", inputs, { epsilon: float(epsilon) }), runningMean, runningVariance };
  // With ONNX's momentum of 0 the node returns the statistics of the batch, which the gradient uses again. ONNX
  // Runtime writes them over the statistics that it is given, even over those of the caller, so it gets copies.
  const [y, mean, variance] = emitMany(
    "BatchNormalization",
    [x, scale, bias, multiply(runningMean, 0), multiply(runningVariance, 0)],
    { epsilon: float(epsilon), momentum: float(0), training_mode: int(1) },
    3,
  );
  const count = elementCount(x.shape) / x.shape[1]!;
  const average = (running: Value, batch: Value, factor: number): Value =>
    add(multiply(running, 1 - momentum), multiply(batch, momentum * factor));
  return {
    y: y!,
    runningMean: average(runningMean, mean!, 1),
    runningVariance: average(runningVariance, variance!, count / Math.max(count - 1, 1)),
  };
}

/**
 * Instance normalization (Ulyanov et al. 2016): each channel of each sample by its own mean and variance.
 *
 * @param x `[batch, channels, ...spatial]`
 * @param scale `[channels]`
 * @param bias `[channels]`
 */
export const instanceNorm = (x: Value, scale: Value, bias: Value, epsilon = 1e-5): Value =>
  emit("InstanceNormalization", [x, scale, bias], { epsilon: float(epsilon) });

/**
 * Group normalization (Wu and He 2018): groups of channels of each sample by their mean and variance.
 *
 * @param x `[batch, channels, ...spatial]`
 * @param groups number of groups, a divisor of the channels
 * @param scale `[channels]`
 * @param bias `[channels]`
 */
export const groupNorm = (x: Value, groups: number, scale: Value, bias: Value, epsilon = 1e-5): Value =>
  emit("GroupNormalization", [x, scale, bias], { num_groups: int(groups), epsilon: float(epsilon) });

/**
 * Root-mean-square normalization over the last axis (Zhang and Sennrich 2019): `x / sqrt(mean(x^2) + epsilon) * scale`.
 *
 * @param x `[..., width]`
 * @param scale `[width]`
 */
export const rmsNorm = (x: Value, scale: Value, epsilon = 1e-5): Value =>
  emit("RMSNormalization", [x, scale], { axis: int(-1), epsilon: float(epsilon) });
