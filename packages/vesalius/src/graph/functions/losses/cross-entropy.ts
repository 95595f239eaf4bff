import { VesaliusError } from "../../../common/errors.ts";
import { formatShape } from "../../shapes.ts";
import { isFloatingPoint, sameShape } from "../../../common/tensor.ts";
import type { Value } from "../../value.ts";
import { logSoftmax } from "../activations.ts";
import { add, divide, multiply, negate, subtract } from "../arithmetic.ts";
import { equal, where } from "../comparison.ts";
import { cast, gather, gatherElements } from "../indexing.ts";
import { reduceMean, reduceSum } from "../reductions.ts";
import { reshape } from "../shaping.ts";
import { meanOf, sumOf } from "./totals.ts";

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions {
  /** Share of the target spread evenly over all classes, in [0, 1) (Szegedy et al. 2016). */
  readonly labelSmoothing?: number;
  /** Rows with this label count neither in the sum nor in the mean (-100 in PyTorch). */
  readonly ignoreIndex?: number;
  /** Weight of each class `[classes]`: the mean is weighted by that of the label. */
  readonly classWeights?: Value;
}

/**
 * Class numbers in a type that operators take for indices, and that holds a negative number for what is ignored.
 *
 * @throws VesaliusError `bad-argument` for labels that are no integers
 */
function indicesOf(labels: Value): Value {
  if (labels.dtype === "int32" || labels.dtype === "int64") return labels;
  if (isFloatingPoint(labels.dtype) || labels.dtype === "string")
    throw new VesaliusError("bad-argument", `cross-entropy takes class numbers as integers, got ${labels.dtype}`, {
      where: labels.name,
      fix: "give the numbers of the classes, or use softCrossEntropy for probabilities",
    });
  return cast(labels, "int64");
}

/** Labels without the ignored ones, and the weight of each row, undefined where all count alike. */
function weighed(labels: Value, options: CrossEntropyOptions): { safe: Value; weights: Value | undefined } {
  const { ignoreIndex, classWeights } = options;
  const { graph } = labels;
  const ignored = ignoreIndex === undefined ? undefined : equal(labels, graph.scalar(ignoreIndex, labels.dtype));
  const safe = ignored === undefined ? labels : where(ignored, graph.scalar(0, labels.dtype), labels);
  const ofClass = classWeights === undefined ? undefined : gather(classWeights, safe);
  const kept = ignored === undefined ? undefined : subtract(graph.scalar(1), cast(ignored, "float32"));
  return { safe, weights: kept === undefined || ofClass === undefined ? (kept ?? ofClass) : multiply(kept, ofClass) };
}

/**
 * Mean cross-entropy of class numbers, as `torch.nn.CrossEntropyLoss`.
 *
 * @param logits `[rows, classes, ...spatial]`
 * @param labels class numbers `[rows, ...spatial]` of any integer type, in [0, classes) or the ignored one; where all are
 * ignored the loss is NaN, as in PyTorch
 * @returns scalar
 * @throws VesaliusError `shape-mismatch` when labels and logits do not fit; `bad-argument` for labels that are no integers
 */
export function crossEntropy(logits: Value, labels: Value, options: CrossEntropyOptions = {}): Value {
  const [rows, , ...spatial] = logits.shape;
  if (logits.rank < 2 || !sameShape(labels.shape, [rows!, ...spatial]))
    throw new VesaliusError(
      "shape-mismatch",
      `cross-entropy takes logits [rows, classes, ...spatial] and labels [rows, ...spatial], got ${formatShape(logits.shape)} and ${formatShape(labels.shape)}`,
      { where: logits.name },
    );
  const logProbabilities = logSoftmax(logits, 1);
  const { safe, weights } = weighed(reshape(indicesOf(labels), [rows!, 1, ...spatial]), options);
  const mean = (terms: Value): Value =>
    weights === undefined ? meanOf(terms) : divide(sumOf(multiply(terms, weights)), sumOf(weights));
  const loss = negate(mean(gatherElements(logProbabilities, safe, 1)));
  const smoothing = options.labelSmoothing ?? 0;
  if (smoothing === 0) return loss;
  if (options.classWeights !== undefined)
    throw new VesaliusError("bad-argument", "label smoothing and class weights cannot be combined", {
      fix: "leave out one of them",
    });
  const uniform = negate(mean(reduceMean(logProbabilities, [1])));
  return add(multiply(loss, 1 - smoothing), multiply(uniform, smoothing));
}

/**
 * Cross-entropy of each row with target probabilities, `-sum(targets * log softmax(logits))` over the last axis.
 *
 * @param logits `[..., classes]`
 * @param targets probabilities of the same shape
 * @returns `[...]`
 */
export const softCrossEntropyTerms = (logits: Value, targets: Value): Value =>
  negate(reduceSum(multiply(targets, logSoftmax(logits)), [-1], { keepDimensions: false }));

/** Mean of `softCrossEntropyTerms` over all rows (mixed or distilled labels). Returns a scalar. */
export const softCrossEntropy = (logits: Value, targets: Value): Value =>
  meanOf(softCrossEntropyTerms(logits, targets));
