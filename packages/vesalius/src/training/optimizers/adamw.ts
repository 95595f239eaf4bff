import { add, divide, multiply, sqrt, square, subtract } from "../../graph/index.ts";
import type { Optimizer } from "./optimizer.ts";

/** Options of `adamW`; the defaults are PyTorch's. */
export interface AdamWOptions {
  /** Decay of the first and the second moment, each in [0, 1). */
  readonly betas?: readonly [number, number];
  readonly epsilon?: number;
  /** Decoupled weight decay. */
  readonly weightDecay?: number;
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), equal to `torch.optim.AdamW`.
 *
 * The moments are kept without their factors (1 - beta), which saves two passes over memory for each parameter:
 * `first = m / (1 - beta1)`, `second = v / (1 - beta2)`. The step's scalars put the factors back:
 * `w' = w (1 - lr * decay) - stepSize * first / (sqrt(second) + epsilon)`.
 */
export function adamW(options: AdamWOptions = {}): Optimizer {
  const [beta1, beta2] = options.betas ?? [0.9, 0.999];
  const epsilon = options.epsilon ?? 1e-8;
  return {
    name: "adamW",
    elementWise: true,
    slots: ["firstMoment", "secondMoment"],
    weightDecay: options.weightDecay ?? 0.01,
    scalars(step, learningRate) {
      const scale = Math.sqrt((1 - beta2) / (1 - beta2 ** step));
      return {
        learningRate,
        stepSize: (learningRate * (1 - beta1)) / (1 - beta1 ** step) / scale,
        epsilon: epsilon / scale,
      };
    },
    update({ parameter, gradient, slots, scalars, weightDecay, learningRateScale }) {
      const first = add(multiply(slots[0]!, beta1), gradient);
      const second = add(multiply(slots[1]!, beta2), square(gradient));
      const scaled = (scalar: keyof typeof scalars, factor: number) =>
        factor === 1 ? scalars[scalar]! : multiply(scalars[scalar]!, factor);
      const step = multiply(
        divide(first, add(sqrt(second), scalars["epsilon"]!)),
        scaled("stepSize", learningRateScale),
      );
      const kept =
        weightDecay === 0
          ? parameter
          : multiply(
              parameter,
              subtract(parameter.graph.scalar(1), scaled("learningRate", learningRateScale * weightDecay)),
            );
      return { parameter: subtract(kept, step), slots: [first, second] };
    },
  };
}
