import { add, divide, minimum, multiply, sqrt, subtract } from "../../graph/index.ts";
import { type Betas, momentScalars, momentSlots, updateMoments } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";
import { euclideanNorm, trustRatio } from "./trust-ratio.ts";

/** Options of `lamb`. */
export interface LambOptions {
  /** Decay of the first and the second moment, each in [0, 1). */
  readonly betas?: Betas;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** Divide the moments by `1 - beta^step`, as NVIDIA's and timm's variant does; the paper's third version does not. */
  readonly biasCorrection?: boolean;
  /** Largest weight norm in the ratio, 10 in the paper; none where it is left out. */
  readonly maximumWeightNorm?: number;
  /** Never raise the rate above the one given. */
  readonly clipTrustRatio?: boolean;
  /** Adapt the rate of tensors without weight decay too. */
  readonly alwaysAdapt?: boolean;
}

/**
 * LAMB (You et al. 2020): Adam's direction with a rate for each tensor, the ratio of the norms of weight and update.
 * `{ maximumWeightNorm: 10, alwaysAdapt: true }` equals pytorch-lamb; `{ biasCorrection: true }` with a gradient norm
 * clipped to 1 equals timm's `Lamb`.
 */
export function lamb(options: LambOptions = {}): Optimizer {
  const betas = options.betas ?? [0.9, 0.999];
  return {
    name: "lamb",
    elementWise: false,
    slots: momentSlots,
    weightDecay: options.weightDecay ?? 0.01,
    scalars(step, learningRate) {
      return { learningRate, ...momentScalars(betas, options.epsilon ?? 1e-6, step, options.biasCorrection ?? false) };
    },
    update({ parameter, gradient, slots, scalars, weightDecay, learningRateScale }) {
      const { first, second } = updateMoments(gradient, slots, betas);
      const direction = multiply(divide(first, add(sqrt(second), scalars["epsilon"]!)), scalars["scale"]!);
      const update = weightDecay === 0 ? direction : add(direction, multiply(parameter, weightDecay));
      let rate =
        learningRateScale === 1 ? scalars["learningRate"]! : multiply(scalars["learningRate"]!, learningRateScale);
      if (weightDecay !== 0 || options.alwaysAdapt === true) {
        const norm = euclideanNorm(parameter);
        const limit = options.maximumWeightNorm;
        const ratio = trustRatio(limit === undefined ? norm : minimum(norm, limit), euclideanNorm(update));
        rate = multiply(rate, options.clipTrustRatio === true ? minimum(ratio, 1) : ratio);
      }
      return { parameter: subtract(parameter, multiply(update, rate)), slots: [first, second] };
    },
  };
}
