import {
  add,
  gather,
  l2Normalize,
  log,
  meanOf,
  negate,
  reduceSumSquare,
  reshape,
  sqrt,
  subtract,
  topK,
  type Value,
} from "../../../graph/index.ts";
import { products, withoutSelf } from "./similarities.ts";

/** Keeps distances of equal features, and their logarithm, finite, as in lightly. */
const epsilon = 1e-8;

/**
 * KoLeo regularizer of DINOv2 (Sablayrolles et al. 2019; Oquab et al. 2024), as lightly's `KoLeoLoss`: features shall lie
 * far from their nearest neighbour in the batch. Differential entropy by Kozachenko and Leonenko.
 *
 * @param features `[batch, width]`
 * @returns scalar
 */
export function koleoLoss(features: Value): Value {
  const unit = l2Normalize(features);
  const { indices } = topK(withoutSelf(products(unit, unit)), 1);
  const nearest = gather(unit, reshape(indices, [features.shape[0]!]));
  const difference = add(subtract(unit, nearest), epsilon);
  const distance = sqrt(reduceSumSquare(difference, [1], { keepDimensions: false }));
  return negate(meanOf(log(add(distance, epsilon))));
}
