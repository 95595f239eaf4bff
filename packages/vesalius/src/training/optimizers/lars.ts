import { add, divide, multiply, subtract } from "../../graph/index.ts";
import type { Optimizer } from "./optimizer.ts";
import { euclideanNorm, whereBothPositive } from "./trust-ratio.ts";

/** Options of `lars`; the defaults are timm's. */
export interface LarsOptions {
  /** Momentum in [0, 1). */
  readonly momentum?: number;
  readonly weightDecay?: number;
  /** Share of the weight's norm that one step may change. */
  readonly trustCoefficient?: number;
  readonly epsilon?: number;
}

/**
 * LARS (You et al. 2017), equal to timm's `Lars`: momentum with a rate for each tensor,
 * `trustCoefficient * |w| / (|g| + decay * |w| + epsilon)`. Tensors without weight decay keep the plain rate.
 */
export function lars(options: LarsOptions = {}): Optimizer {
  const { momentum = 0, weightDecay = 0, trustCoefficient = 0.001, epsilon = 1e-8 } = options;
  return {
    name: "lars",
    elementWise: false,
    slots: momentum === 0 ? [] : ["momentum"],
    weightDecay,
    scalars: (_step, learningRate) => ({ learningRate }),
    update({ parameter, gradient, slots, scalars, weightDecay: decay, learningRateScale }) {
      let scaled = gradient;
      if (decay !== 0) {
        const [weightNorm, gradientNorm] = [euclideanNorm(parameter), euclideanNorm(gradient)];
        const floor = add(add(gradientNorm, multiply(weightNorm, decay)), epsilon);
        const ratio = whereBothPositive(
          weightNorm,
          gradientNorm,
          divide(multiply(weightNorm, trustCoefficient), floor),
        );
        scaled = multiply(add(gradient, multiply(parameter, decay)), ratio);
      }
      const rate =
        learningRateScale === 1 ? scalars["learningRate"]! : multiply(scalars["learningRate"]!, learningRateScale);
      if (slots.length === 0) return { parameter: subtract(parameter, multiply(scaled, rate)), slots };
      const velocity = add(multiply(slots[0]!, momentum), scaled);
      return { parameter: subtract(parameter, multiply(velocity, rate)), slots: [velocity] };
    },
  };
}
