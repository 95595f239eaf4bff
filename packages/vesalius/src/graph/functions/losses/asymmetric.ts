import type { Value } from "../../value.ts";
import { sigmoid } from "../activations.ts";
import { add, log, maximum, minimum, multiply, negate, power, subtract } from "../arithmetic.ts";
import { sumOf } from "./totals.ts";

/** Options of `asymmetricLoss`. */
export interface AsymmetricOptions {
  /** Focusing on hard absences; 4 by default. */
  readonly negativeFocus?: number;
  /** Focusing on hard presences; 1 by default. */
  readonly positiveFocus?: number;
  /** Probability below which an absence counts as certain; 0.05 by default. */
  readonly margin?: number;
}

/**
 * Asymmetric loss of many findings at once (Ridnik et al. 2021), as timm's `AsymmetricLossMultiLabel`: easy absences,
 * which are most, weigh little.
 *
 * @param logits `[rows, findings]`
 * @param targets 0 or 1, same shape
 * @returns sum over rows and findings, scalar
 */
export function asymmetricLoss(logits: Value, targets: Value, options: AsymmetricOptions = {}): Value {
  const { negativeFocus = 4, positiveFocus = 1, margin = 0.05 } = options;
  const one = logits.graph.scalar(1);
  const present = sigmoid(logits);
  const absent = minimum(add(subtract(one, present), margin), 1);
  const negatives = subtract(one, targets);
  const logLikelihood = add(
    multiply(targets, log(maximum(present, 1e-8))),
    multiply(negatives, log(maximum(absent, 1e-8))),
  );
  const correct = add(multiply(present, targets), multiply(absent, negatives));
  const focus = add(multiply(targets, positiveFocus), multiply(negatives, negativeFocus));
  return negate(sumOf(multiply(logLikelihood, power(subtract(one, correct), focus))));
}
