import {
  add,
  divide,
  multiply,
  reciprocal,
  reduceMean,
  reduceSumSquare,
  reshape,
  sqrt,
  subtract,
} from "../../functions/index.ts";
import { epsilonOf, perChannel } from "../../operators/channel-statistics.ts";
import { listAttribute, numberAttribute } from "../../operators/definition.ts";
import { normalizeAxis } from "../../shapes.ts";
import { elementCount } from "../../../common/tensor.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/**
 * Mean, centred values and biased variance over axes. The variance is that of the centred values: the mean of the
 * squares minus the square of the mean, which WebGPU's kernels compute, loses all digits where the mean is large.
 */
function moments(x: Value, axes: readonly number[]): { mean: Value; centred: Value; variance: Value } {
  const mean = reduceMean(x, axes);
  const centred = subtract(x, mean);
  const count = elementCount(axes.map((axis) => x.shape[axis]!));
  return { mean, centred, variance: multiply(reduceSumSquare(centred, axes), 1 / count) };
}

/** LayerNormalization with its mean and inverse deviation. */
export const layerNormalization: NodeRewriter = ({ attributes, outputs }, inputs) => {
  const [x, scale, bias] = inputs as readonly [Value, Value, Value | undefined];
  const axis = normalizeAxis(numberAttribute(attributes, "axis", -1), x.rank);
  const { mean, centred, variance } = moments(
    x,
    Array.from({ length: x.rank - axis }, (_, i) => axis + i),
  );
  const inverse = reciprocal(sqrt(add(variance, epsilonOf(attributes))));
  const scaled = multiply(multiply(centred, inverse), scale);
  return [bias === undefined ? scaled : add(scaled, bias), mean, inverse].slice(0, outputs.length);
};

/** BatchNormalization in training mode, whose kernel throws. */
export const batchNormalization: NodeRewriter = ({ attributes, outputs }, inputs) => {
  if (numberAttribute(attributes, "training_mode", 0) === 0) return undefined;
  const [x, scale, bias, runningMean, runningVariance] = inputs as readonly [Value, Value, Value, Value, Value];
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const { mean, centred, variance } = moments(x, axes);
  const factor = multiply(perChannel(scale, x), reciprocal(sqrt(add(variance, epsilonOf(attributes)))));
  const momentum = numberAttribute(attributes, "momentum", 0.9);
  const running = (old: Value, current: Value): Value => {
    const now = reshape(current, old.shape);
    return momentum === 0 ? now : add(multiply(old, momentum), multiply(now, 1 - momentum));
  };
  const normal = add(multiply(centred, factor), perChannel(bias, x));
  return [normal, running(runningMean, mean), running(runningVariance, variance)].slice(0, outputs.length);
};

/** MeanVarianceNormalization, which has no kernel. */
export const meanVarianceNormalization: NodeRewriter = ({ attributes }, inputs) => {
  const x = inputs[0]!;
  const axes = (listAttribute(attributes, "axes") ?? [0, 2, 3]).map((axis) => normalizeAxis(axis, x.rank));
  const { centred, variance } = moments(x, axes);
  // The operator's own guard against a deviation of zero.
  return [divide(centred, add(sqrt(variance), 1e-9))];
};
