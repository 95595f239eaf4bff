import type { Value } from "../../value.ts";
import { logSoftmax, softplus } from "../activations.ts";
import { add, exp, multiply, negate, power, subtract } from "../arithmetic.ts";
import { reshape } from "../shaping.ts";
import { binaryCrossEntropyTerms } from "./binary-cross-entropy.ts";
import { foreground, type SegmentationOptions } from "./segmentation-targets.ts";
import { meanOf } from "./totals.ts";

/** Options of `focalLoss`. */
export interface FocalOptions {
  /** A question for each channel, or exclusive classes; `sigmoid` by default. */
  readonly activation?: Exclude<SegmentationOptions["activation"], "none">;
  /** Power of the share that is still wrong; 2 by default. */
  readonly focus?: number;
  /** Weight of the foreground in (0, 1), the background getting the rest; none by default. */
  readonly foregroundWeight?: number;
  /** Weight of each class. */
  readonly classWeights?: readonly number[];
  /** Whether channel 0 counts; true by default. */
  readonly includeBackground?: boolean;
}

const perClass = (x: Value, weights: readonly number[]): Value => {
  const vector = { dtype: "float32" as const, shape: [weights.length], data: Float32Array.from(weights) };
  return reshape(
    x.graph.constant(vector),
    x.shape.map((_, axis) => (axis === 1 ? weights.length : 1)),
  );
};

/** `(1 - p)^focus` times the cross-entropy of each class, p the probability of the truth. */
function softmaxTerms(logits: Value, targets: Value, focus: number, foregroundWeight: number | undefined): Value {
  const logProbabilities = logSoftmax(logits, 1);
  const wrong = power(subtract(logits.graph.scalar(1), exp(logProbabilities)), focus);
  const terms = negate(multiply(multiply(wrong, logProbabilities), targets));
  if (foregroundWeight === undefined) return terms;
  const weights = Array.from({ length: logits.shape[1]! }, (_, i) =>
    i === 0 ? 1 - foregroundWeight : foregroundWeight,
  );
  return multiply(terms, perClass(terms, weights));
}

function sigmoidTerms(logits: Value, targets: Value, focus: number, foregroundWeight: number | undefined): Value {
  const signed = multiply(logits, subtract(multiply(targets, 2), 1));
  // log of the share that is still wrong; in logarithms, so that nothing underflows.
  const logWrong = negate(softplus(signed));
  const terms = multiply(exp(multiply(logWrong, focus)), binaryCrossEntropyTerms(logits, targets));
  if (foregroundWeight === undefined) return terms;
  const balance = add(multiply(targets, 2 * foregroundWeight - 1), 1 - foregroundWeight);
  return multiply(terms, balance);
}

/**
 * Focal loss (Lin et al. 2017), as MONAI's `FocalLoss`: a cross-entropy that leaves out what is already right. Mean over
 * all channels and pixels.
 *
 * @param logits `[batch, classes, ...spatial]`
 * @param targets 0 or 1, same shape; see `classChannels`
 * @returns scalar
 */
export function focalLoss(logits: Value, targets: Value, options: FocalOptions = {}): Value {
  const { activation = "sigmoid", focus = 2, foregroundWeight, classWeights, includeBackground = true } = options;
  const given = foreground(logits, includeBackground);
  const truth = foreground(targets, includeBackground);
  const terms =
    activation === "softmax"
      ? softmaxTerms(given, truth, focus, foregroundWeight)
      : sigmoidTerms(given, truth, focus, foregroundWeight);
  return meanOf(classWeights === undefined ? terms : multiply(terms, perClass(terms, classWeights)));
}
