import { add, divide, maximum, multiply, sqrt, subtract } from "../../graph/index.ts";
import { type Betas, momentScalars, momentSlots, updateMoments } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";

/** Options of `adam`; the defaults are PyTorch's. */
export interface AdamOptions {
  /** Decay of the first and the second moment, each in [0, 1). */
  readonly betas?: Betas;
  readonly epsilon?: number;
  /** L2 penalty added to the gradient; see `adamW` for the decoupled form. */
  readonly weightDecay?: number;
  /** Divide by the largest second moment so far (Reddi et al. 2018). */
  readonly amsgrad?: boolean;
}

/** Adam (Kingma and Ba 2015), equal to `torch.optim.Adam`. */
export function adam(options: AdamOptions = {}): Optimizer {
  const betas = options.betas ?? [0.9, 0.999];
  const amsgrad = options.amsgrad ?? false;
  return {
    name: "adam",
    elementWise: true,
    slots: amsgrad ? [...momentSlots, "largestSecondMoment"] : momentSlots,
    weightDecay: options.weightDecay ?? 0,
    scalars(step, learningRate) {
      const { scale, epsilon } = momentScalars(betas, options.epsilon ?? 1e-8, step, true);
      return { stepSize: learningRate * scale, epsilon };
    },
    update({ parameter, gradient, slots, scalars, weightDecay, learningRateScale }) {
      const penalised = weightDecay === 0 ? gradient : add(gradient, multiply(parameter, weightDecay));
      const { first, second } = updateMoments(penalised, slots, betas);
      const largest = amsgrad ? maximum(slots[2]!, second) : second;
      const rate = learningRateScale === 1 ? scalars["stepSize"]! : multiply(scalars["stepSize"]!, learningRateScale);
      const step = multiply(divide(first, add(sqrt(largest), scalars["epsilon"]!)), rate);
      return { parameter: subtract(parameter, step), slots: amsgrad ? [first, second, largest] : [first, second] };
    },
  };
}
