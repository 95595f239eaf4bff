import type { Value } from "../../value.ts";
import { add, divide, maximum, multiply, reciprocal, square, subtract } from "../arithmetic.ts";
import { greater, where } from "../comparison.ts";
import { reduceMax, reduceSum } from "../reductions.ts";
import {
  foreground,
  overlapAxes,
  type SegmentationOptions,
  segmentationProbabilities,
} from "./segmentation-targets.ts";
import { meanOf } from "./totals.ts";

/** Options of the losses by overlap. */
export interface OverlapOptions extends SegmentationOptions {
  /** Sum over the batch before the ratio; false by default. */
  readonly overBatch?: boolean;
  /** Added to the numerator; 1e-5 by default. */
  readonly smoothNumerator?: number;
  /** Added to the denominator; 1e-5 by default. */
  readonly smoothDenominator?: number;
}

/** Options of `diceLoss`. */
export interface DiceOptions extends OverlapOptions {
  /** Squares in the denominator (Milletari et al. 2016); false by default. */
  readonly squared?: boolean;
  /** Intersection over union in place of Dice; false by default. */
  readonly jaccard?: boolean;
}

/** Sums over the axes of an overlap, and the two sides that it compares. */
function overlapSums(logits: Value, targets: Value, options: OverlapOptions) {
  const probabilities = foreground(segmentationProbabilities(logits, options.activation), options.includeBackground);
  const truth = foreground(targets, options.includeBackground);
  const axes = overlapAxes(logits, options.overBatch ?? false);
  return { probabilities, truth, sum: (x: Value): Value => reduceSum(x, axes, { keepDimensions: false }) };
}

/** `1 - (numerator + smooth) / (denominator + smooth)` */
function missedShare(numerator: Value, denominator: Value, options: OverlapOptions): Value {
  const { smoothNumerator = 1e-5, smoothDenominator = 1e-5 } = options;
  const share = divide(add(numerator, smoothNumerator), add(denominator, smoothDenominator));
  return subtract(share.graph.scalar(1), share);
}

/**
 * Dice loss (Milletari et al. 2016), as MONAI's `DiceLoss`: one minus the Dice overlap of each class in each image, the
 * mean of all.
 *
 * @param logits `[batch, classes, ...spatial]`
 * @param targets 0 to 1, same shape; see `classChannels`
 * @returns scalar
 */
export function diceLoss(logits: Value, targets: Value, options: DiceOptions): Value {
  const { probabilities, truth, sum } = overlapSums(logits, targets, options);
  const size = (x: Value): Value => sum(options.squared ? square(x) : x);
  const intersection = sum(multiply(truth, probabilities));
  const both = add(size(truth), size(probabilities));
  const denominator = options.jaccard ? multiply(subtract(both, intersection), 2) : both;
  return meanOf(missedShare(multiply(intersection, 2), denominator, options));
}

/**
 * Generalised Dice loss (Sudre et al. 2017), as MONAI's `GeneralizedDiceLoss`: classes weighted by one over the square
 * of their size, so that small structures count as much as large ones; absent classes get the largest weight present.
 *
 * @param logits `[batch, classes, ...spatial]`
 * @param targets 0 to 1, same shape
 * @returns scalar
 */
export function generalizedDiceLoss(logits: Value, targets: Value, options: OverlapOptions): Value {
  const { probabilities, truth, sum } = overlapSums(logits, targets, { ...options, overBatch: false });
  const size = sum(truth);
  const zero = size.graph.scalar(0);
  const isPresent = greater(size, zero);
  const finite = where(isPresent, reciprocal(square(maximum(size, 1e-12))), zero);
  const weights = where(isPresent, finite, reduceMax(finite, [1]));
  const overClasses = (x: Value): Value => reduceSum(multiply(x, weights), [1]);
  const numerator = overClasses(sum(multiply(truth, probabilities)));
  const denominator = overClasses(add(size, sum(probabilities)));
  return meanOf(missedShare(multiply(numerator, 2), denominator, options));
}

/** Options of `tverskyLoss`. */
export interface TverskyOptions extends OverlapOptions {
  /** Weight of false positives; 0.5 by default. */
  readonly falsePositiveWeight?: number;
  /** Weight of false negatives; 0.5 by default. */
  readonly falseNegativeWeight?: number;
}

/**
 * Tversky loss (Salehi et al. 2017), as MONAI's `TverskyLoss`: a Dice loss that weighs the two kinds of errors.
 *
 * @param logits `[batch, classes, ...spatial]`
 * @param targets 0 to 1, same shape
 * @returns scalar
 */
export function tverskyLoss(logits: Value, targets: Value, options: TverskyOptions): Value {
  const { falsePositiveWeight = 0.5, falseNegativeWeight = 0.5 } = options;
  const { probabilities, truth, sum } = overlapSums(logits, targets, options);
  const one = logits.graph.scalar(1);
  const hits = sum(multiply(probabilities, truth));
  const falsePositives = sum(multiply(probabilities, subtract(one, truth)));
  const falseNegatives = sum(multiply(subtract(one, probabilities), truth));
  const errors = add(multiply(falsePositives, falsePositiveWeight), multiply(falseNegatives, falseNegativeWeight));
  return meanOf(missedShare(hits, add(hits, errors), options));
}
