import {
  add,
  l2Normalize,
  meanOf,
  multiply,
  reduceLogSumExp,
  softmax,
  stopGradient,
  subtract,
  sum,
  type Value,
} from "../../../graph/index.ts";
import { products, rowProducts, withoutSelf } from "./similarities.ts";

/** Options of `decoupledContrastiveLoss`. */
export interface DecoupledOptions {
  /** 0.1 by default. */
  readonly temperature?: number;
  /**
   * Weighs pairs by how far apart they still are, by a von Mises-Fisher distribution of this width (DCLW); all pairs
   * count alike where it is left out.
   */
  readonly sigma?: number;
}

/**
 * Decoupled contrastive learning (Yeh et al. 2022), as lightly's `DCLLoss` and `DCLWLoss`: the positive pair is left out
 * of the denominator, so that small batches learn too.
 *
 * @param first projections of one view of each image, `[batch, width]`
 * @param second projections of the other, same shape
 * @returns scalar
 */
export function decoupledContrastiveLoss(first: Value, second: Value, options: DecoupledOptions = {}): Value {
  const { temperature = 0.1, sigma } = options;
  const [a, b] = [l2Normalize(first), l2Normalize(second)];
  const batch = a.shape[0]!;
  const at = (x: Value): Value => multiply(x, 1 / temperature);
  const negatives = (similarities: Value): Value =>
    reduceLogSumExp(withoutSelf(at(similarities)), [1], { keepDimensions: false });
  const agreement = rowProducts(a, b);
  const weight = (): Value => {
    const density = softmax(multiply(stopGradient(agreement), 1 / sigma!), 0);
    return subtract(a.graph.scalar(2), multiply(density, batch));
  };
  const positive = at(sigma === undefined ? agreement : multiply(agreement, weight()));
  const cross = negatives(products(a, b));
  const crossBack = negatives(products(b, a));
  const repelled = sum([negatives(products(a, a)), cross, negatives(products(b, b)), crossBack]);
  return meanOf(add(multiply(repelled, 0.5), multiply(positive, -1)));
}
