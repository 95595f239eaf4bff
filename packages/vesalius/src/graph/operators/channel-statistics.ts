import { VesaliusError } from "../../common/errors.ts";
import {
  add,
  multiply,
  reciprocal,
  reduceMean,
  reduceSum,
  reduceSumSquare,
  reshape,
  sqrt,
  square,
  subtract,
} from "../functions/index.ts";
import { formatShape } from "../shapes.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Attributes, Value } from "../value.ts";
import { unbroadcast } from "./broadcasting.ts";
import { type InferenceContext, numberAttribute, requireInput } from "./definition.ts";

/** The attribute `epsilon`, which keeps deviations from zero. */
export const epsilonOf = (attributes: Attributes): number => numberAttribute(attributes, "epsilon", 1e-5);

/** Axes of a channel parameter `[channels]` against `[batch, channels, ...]`. */
const channelShape = (x: Value): number[] => [x.shape[1]!, ...x.shape.slice(2).map(() => 1)];
/** A channel parameter in the shape in which it broadcasts over `[batch, channels, ...]`. */
export const perChannel = (parameter: Value, x: Value): Value => reshape(parameter, channelShape(x));
/** Sum of a gradient over everything but the channels. */
export const overChannels = (gradient: Value): Value =>
  reshape(unbroadcast(gradient, channelShape(gradient)), [gradient.shape[1]!]);

/** Checks that the inputs after the first are vectors with one entry for each channel of it. */
export function inferChannelwise({ inputs, type }: InferenceContext, parameters: number): Value {
  const x = requireInput(inputs, 0, type);
  if (x.rank < 2) throw new VesaliusError("shape-mismatch", "the input needs a batch and a channel axis");
  for (let i = 1; i <= parameters; i++) {
    const { shape } = requireInput(inputs, i, type);
    if (shape.length !== 1 || shape[0] !== x.shape[1])
      throw new VesaliusError("shape-mismatch", `input ${i} has shape ${formatShape(shape)}, expected [${x.shape[1]}]`);
  }
  return x;
}

/** Statistics of a normalization: the centred input and one over its standard deviation. */
export interface Statistics {
  readonly axes: readonly number[];
  readonly centred: Value;
  readonly inverse: Value;
}

/** Statistics over axes, with the biased variance. */
export function statisticsOver(x: Value, axes: readonly number[], epsilon: number): Statistics {
  const centred = subtract(x, reduceMean(x, axes));
  const count = elementCount(axes.map((axis) => x.shape[axis]!));
  const variance = multiply(reduceSumSquare(centred, axes), 1 / count);
  return { axes, centred, inverse: reciprocal(sqrt(add(variance, epsilon))) };
}

/** With n = (x - mean) / deviation: d loss / dx = (dn - mean(dn) - n mean(dn n)) / deviation. */
export function throughStatistics(dn: Value, normal: Value, { axes, inverse }: Statistics): Value {
  const projection = reduceMean(multiply(dn, normal), axes);
  return multiply(subtract(subtract(dn, reduceMean(dn, axes)), multiply(normal, projection)), inverse);
}

/**
 * Gradients of `scale * (x - mean) / deviation + bias` where scale and bias are the same over the axes of the statistics.
 * What goes through mean and deviation is then `a dy + b (x - mean) + c` with few numbers a, b and c, which takes fewer
 * passes over memory than `throughStatistics`.
 *
 * @param dy of the shape of `centred`
 * @param scale broadcasts against it, with extent 1 on the axes
 * @returns the gradient of x, and the sums over the axes (kept with extent 1) that those of scale and bias come from
 */
export function scaledGradients(dy: Value, scale: Value, { axes, centred, inverse }: Statistics) {
  const total = reduceSum(dy, axes);
  const moment = reduceSum(multiply(dy, centred), axes);
  return {
    forScale: multiply(moment, inverse),
    forBias: total,
    forInput: (): Value => {
      const share = 1 / elementCount(axes.map((axis) => dy.shape[axis]!));
      const factor = multiply(scale, inverse);
      const bend = multiply(multiply(multiply(factor, square(inverse)), moment), -share);
      const shift = multiply(multiply(factor, total), -share);
      return add(add(multiply(dy, factor), shift), multiply(centred, bend));
    },
  };
}
