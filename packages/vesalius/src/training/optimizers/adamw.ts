import { add, divide, multiply, sqrt, subtract } from "../../graph/index.ts";
import { type Betas, momentScalars, momentSlots, updateMoments } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";

/** Options of `adamW`; the defaults are PyTorch's. */
export interface AdamWOptions {
  /** Decay of the first and the second moment, each in [0, 1). */
  readonly betas?: Betas;
  readonly epsilon?: number;
  /** Decoupled weight decay. */
  readonly weightDecay?: number;
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), equal to `torch.optim.AdamW`:
 * `w' = w (1 - lr * decay) - stepSize * first / (sqrt(second) + epsilon)` with the moments of `updateMoments`.
 */
export function adamW(options: AdamWOptions = {}): Optimizer {
  const betas = options.betas ?? [0.9, 0.999];
  return {
    name: "adamW",
    elementWise: true,
    slots: momentSlots,
    weightDecay: options.weightDecay ?? 0.01,
    scalars(step, learningRate) {
      const { scale, epsilon } = momentScalars(betas, options.epsilon ?? 1e-8, step, true);
      return { learningRate, stepSize: learningRate * scale, epsilon };
    },
    update({ parameter, gradient, slots, scalars, weightDecay, learningRateScale }) {
      const { first, second } = updateMoments(gradient, slots, betas);
      const scaled = (scalar: keyof typeof scalars, factor: number) =>
        factor === 1 ? scalars[scalar]! : multiply(scalars[scalar]!, factor);
      const direction = divide(first, add(sqrt(second), scalars["epsilon"]!));
      const kept =
        weightDecay === 0
          ? parameter
          : multiply(
              parameter,
              subtract(parameter.graph.scalar(1), scaled("learningRate", learningRateScale * weightDecay)),
            );
      return {
        parameter: subtract(kept, multiply(direction, scaled("stepSize", learningRateScale))),
        slots: [first, second],
      };
    },
  };
}
