import type { Value } from "../../value.ts";
import { softplus } from "../activations.ts";
import { add, multiply, negate, subtract } from "../arithmetic.ts";
import { meanOf } from "./totals.ts";

/** Options of the binary cross-entropies. */
export interface BinaryCrossEntropyOptions {
  /** Factor of the positive answers' losses, broadcast to the logits: negatives / positives balances rare findings. */
  readonly positiveWeights?: Value;
}

/**
 * Cross-entropy of each element's own yes-or-no question, `-(t log p + (1 - t) log(1 - p))` with the sigmoid p of the
 * logit, computed without overflow.
 *
 * @param logits any shape
 * @param targets probabilities, broadcast to the logits
 * @returns one loss for each logit
 */
export function binaryCrossEntropyTerms(
  logits: Value,
  targets: Value,
  { positiveWeights }: BinaryCrossEntropyOptions = {},
): Value {
  if (positiveWeights === undefined) return subtract(softplus(logits), multiply(logits, targets));
  const positives = multiply(multiply(targets, positiveWeights), softplus(negate(logits)));
  return add(positives, multiply(subtract(logits.graph.scalar(1), targets), softplus(logits)));
}

/** Mean of `binaryCrossEntropyTerms`, as `torch.nn.BCEWithLogitsLoss`. Returns a scalar. */
export const binaryCrossEntropy = (logits: Value, targets: Value, options: BinaryCrossEntropyOptions = {}): Value =>
  meanOf(binaryCrossEntropyTerms(logits, targets, options));
