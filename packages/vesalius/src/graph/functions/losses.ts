import { VesaliusError } from "../../common/errors.ts";
import type { Value } from "../value.ts";
import { logSoftmax } from "./activations.ts";
import { add, multiply, negate, square, subtract } from "./arithmetic.ts";
import { gatherElements } from "./indexing.ts";
import { reduceMean } from "./reductions.ts";
import { reshape } from "./shaping.ts";

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions {
  /** Share of the target spread evenly over all classes, in [0, 1) (Szegedy et al. 2016). */
  readonly labelSmoothing?: number;
}

/**
 * Mean cross-entropy of class numbers, as `torch.nn.CrossEntropyLoss`.
 *
 * @param logits `[rows, classes]`
 * @param labels class numbers `[rows]`, int32 or int64, in [0, classes)
 * @returns scalar
 */
export function crossEntropy(logits: Value, labels: Value, options: CrossEntropyOptions = {}): Value {
  if (logits.rank !== 2 || labels.rank !== 1)
    throw new VesaliusError("shape-mismatch", "cross-entropy takes logits [rows, classes] and labels [rows]", {
      where: logits.name,
    });
  const logProbabilities = logSoftmax(logits);
  const picked = gatherElements(logProbabilities, reshape(labels, [labels.shape[0]!, 1]), 1);
  const loss = negate(reduceMean(picked, undefined, { keepDimensions: false }));
  const smoothing = options.labelSmoothing ?? 0;
  if (smoothing === 0) return loss;
  const uniform = negate(reduceMean(logProbabilities, undefined, { keepDimensions: false }));
  return add(multiply(loss, 1 - smoothing), multiply(uniform, smoothing));
}

/** Mean squared error over all elements. */
export const meanSquaredError = (prediction: Value, target: Value): Value =>
  reduceMean(square(subtract(prediction, target)), undefined, { keepDimensions: false });
