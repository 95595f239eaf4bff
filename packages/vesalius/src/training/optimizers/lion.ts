import { add, multiply, sign, subtract } from "../../graph/index.ts";
import type { Betas } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";

/** Options of `lion`; the defaults are the reference implementation's. */
export interface LionOptions {
  /** Weight of the momentum in the update, and its decay; each in [0, 1). */
  readonly betas?: Betas;
  /** Decoupled weight decay. */
  readonly weightDecay?: number;
}

/** Lion (Chen et al. 2023, google/automl): steps of equal size in the direction of the sign of an interpolated momentum. */
export function lion({ betas = [0.9, 0.99], weightDecay = 0 }: LionOptions = {}): Optimizer {
  return {
    name: "lion",
    elementWise: true,
    slots: ["momentum"],
    weightDecay,
    scalars: (_step, learningRate) => ({ learningRate }),
    update({ parameter, gradient, slots, scalars, weightDecay: decay, learningRateScale }) {
      const blend = (beta: number) => add(multiply(slots[0]!, beta), multiply(gradient, 1 - beta));
      const rate =
        learningRateScale === 1 ? scalars["learningRate"]! : multiply(scalars["learningRate"]!, learningRateScale);
      const kept =
        decay === 0 ? parameter : multiply(parameter, subtract(parameter.graph.scalar(1), multiply(rate, decay)));
      return { parameter: subtract(kept, multiply(sign(blend(betas[0])), rate)), slots: [blend(betas[1])] };
    },
  };
}
