import { add, l2Normalize, meanOf, multiply, negate, stopGradient, type Value } from "../../../graph/index.ts";
import { rowProducts } from "./similarities.ts";

/** Smallest length that vectors are divided by, as in `torch.nn.functional.cosine_similarity`. */
const epsilon = 1e-8;

/** Mean cosine of the rows of two matrices, negated. Returns a scalar. */
export const negativeCosine = (a: Value, b: Value): Value =>
  negate(meanOf(rowProducts(l2Normalize(a, epsilon), l2Normalize(b, epsilon))));

/** Predictions and projections of the two views of each image, each `[batch, width]`. */
export interface TwoViews {
  readonly predictions: readonly [Value, Value];
  readonly projections: readonly [Value, Value];
}

/**
 * Loss of SimSiam (Chen and He 2021): each view's prediction meets the other view's projection, which gets no gradient.
 *
 * @returns scalar in [-1, 1]
 */
export function simSiamLoss({ predictions, projections }: TwoViews): Value {
  const toSecond = negativeCosine(predictions[0], stopGradient(projections[1]));
  return multiply(add(toSecond, negativeCosine(predictions[1], stopGradient(projections[0]))), 0.5);
}

/**
 * Loss of BYOL (Grill et al. 2020): `2 - 2 cosine` of each view's prediction with the other view's projection by the
 * momentum encoder, both directions added.
 *
 * @returns scalar in [0, 8]
 */
export const byolLoss = (views: TwoViews): Value => add(multiply(simSiamLoss(views), 4), 4);
