import type { Value } from "../../value.ts";
import { softplus } from "../activations.ts";
import { multiply, subtract } from "../arithmetic.ts";
import { reduceMean } from "../reductions.ts";

/**
 * Cross-entropy of each element's own yes-or-no question, `log(1 + exp(logit)) - target * logit`, which does not
 * overflow.
 *
 * @param logits any shape
 * @param targets probabilities, broadcast to the logits
 * @returns one loss for each logit
 */
export const binaryCrossEntropyTerms = (logits: Value, targets: Value): Value =>
  subtract(softplus(logits), multiply(logits, targets));

/** Mean of `binaryCrossEntropyTerms`, as `torch.nn.BCEWithLogitsLoss`. Returns a scalar. */
export const binaryCrossEntropy = (logits: Value, targets: Value): Value =>
  reduceMean(binaryCrossEntropyTerms(logits, targets), undefined, { keepDimensions: false });
