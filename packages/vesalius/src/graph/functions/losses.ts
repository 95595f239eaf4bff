import { VesaliusError } from "../../common/errors.ts";
import { formatShape } from "../shapes.ts";
import { sameShape } from "../tensor.ts";
import type { Value } from "../value.ts";
import { logSoftmax } from "./activations.ts";
import { add, divide, multiply, negate, square, subtract } from "./arithmetic.ts";
import { equal, where } from "./comparison.ts";
import { cast, gatherElements } from "./indexing.ts";
import { reduceMean, reduceSum } from "./reductions.ts";
import { reshape } from "./shaping.ts";

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions {
  /** Share of the target spread evenly over all classes, in [0, 1) (Szegedy et al. 2016). */
  readonly labelSmoothing?: number;
  /** Rows with this label count neither in the sum nor in the mean (-100 in PyTorch). */
  readonly ignoreIndex?: number;
}

/** Labels without the ignored ones, and the mean over the rows that are left. */
function ignoring(labels: Value, ignoreIndex: number | undefined): { safe: Value; mean: (rows: Value) => Value } {
  const options = { keepDimensions: false };
  if (ignoreIndex === undefined) return { safe: labels, mean: (rows) => reduceMean(rows, undefined, options) };
  const graph = labels.graph;
  const ignored = equal(labels, graph.scalar(ignoreIndex, labels.dtype));
  const kept = subtract(graph.scalar(1), cast(ignored, "float32"));
  return {
    safe: where(ignored, graph.scalar(0, labels.dtype), labels),
    mean: (rows) => divide(reduceSum(multiply(rows, kept), undefined, options), reduceSum(kept, undefined, options)),
  };
}

/**
 * Mean cross-entropy of class numbers, as `torch.nn.CrossEntropyLoss`.
 *
 * @param logits `[rows, classes, ...spatial]`
 * @param labels class numbers `[rows, ...spatial]`, int32 or int64, in [0, classes) or the ignored one; where all are
 * ignored the loss is NaN, as in PyTorch
 * @returns scalar
 * @throws VesaliusError `shape-mismatch` when labels and logits do not fit
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
  const column = reshape(labels, [rows!, 1, ...spatial]);
  const { safe, mean } = ignoring(column, options.ignoreIndex);
  const loss = negate(mean(gatherElements(logProbabilities, safe, 1)));
  const smoothing = options.labelSmoothing ?? 0;
  if (smoothing === 0) return loss;
  const uniform = negate(mean(reduceMean(logProbabilities, [1])));
  return add(multiply(loss, 1 - smoothing), multiply(uniform, smoothing));
}

/** Mean squared error over all elements. */
export const meanSquaredError = (prediction: Value, target: Value): Value =>
  reduceMean(square(subtract(prediction, target)), undefined, { keepDimensions: false });

export * from "./losses/binary-cross-entropy.ts";
