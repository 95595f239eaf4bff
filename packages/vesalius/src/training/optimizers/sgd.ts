import { add, multiply, subtract } from "../../graph/index.ts";
import type { Optimizer } from "./optimizer.ts";

/** Options of `sgd`. */
export interface SgdOptions {
  /** Momentum in [0, 1). */
  readonly momentum?: number;
  /** Damping of the gradient's contribution to the momentum; not applied on the first step, as in PyTorch. */
  readonly dampening?: number;
  readonly nesterov?: boolean;
  /** L2 penalty added to the gradient. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with momentum, equal to `torch.optim.SGD`. */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = options;
  return {
    name: "sgd",
    elementWise: true,
    slots: momentum === 0 ? [] : ["momentum"],
    weightDecay,
    scalars: (step, learningRate) => ({ learningRate, share: step === 1 ? 1 : 1 - dampening }),
    update({ parameter, gradient, slots, scalars, weightDecay: decay, learningRateScale }) {
      const penalised = decay === 0 ? gradient : add(gradient, multiply(parameter, decay));
      const rate =
        learningRateScale === 1 ? scalars["learningRate"]! : multiply(scalars["learningRate"]!, learningRateScale);
      if (slots.length === 0) return { parameter: subtract(parameter, multiply(penalised, rate)), slots };
      const share = dampening === 0 ? penalised : multiply(penalised, scalars["share"]!);
      const velocity = add(multiply(slots[0]!, momentum), share);
      const direction = nesterov ? add(penalised, multiply(velocity, momentum)) : velocity;
      return { parameter: subtract(parameter, multiply(direction, rate)), slots: [velocity] };
    },
  };
}
