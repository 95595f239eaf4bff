import {
  abs,
  add,
  cast,
  divide,
  greater,
  l2Normalize,
  matMul,
  multiply,
  reduceMean,
  reduceSum,
  relu,
  softplus,
  square,
  subtract,
  transpose,
  type Value,
} from "../../graph/index.ts";

const total = (x: Value): Value => reduceSum(x, undefined, { keepDimensions: false });

/**
 * Mean squared error over the masked places (scGPT, `masked_mse_loss`).
 *
 * @param mask 1 where a value was masked, else 0, float32, shape of the prediction
 * @returns scalar
 */
export const maskedSquaredError = (prediction: Value, target: Value, mask: Value): Value =>
  divide(total(multiply(square(subtract(prediction, target)), mask)), total(mask));

/**
 * Mean absolute error relative to the target over the masked places (scGPT, `masked_relative_error`).
 *
 * @param target zero or positive
 * @param mask 1 where a value was masked, else 0, float32, shape of the prediction
 * @returns scalar
 */
export const maskedRelativeError = (prediction: Value, target: Value, mask: Value): Value =>
  divide(total(multiply(divide(abs(subtract(prediction, target)), add(target, 1e-6)), mask)), total(mask));

/**
 * Negative log-likelihood of "this gene is expressed" over the masked places (scGPT,
 * `criterion_neg_log_bernoulli`), from logits: `softplus(z) - z` where the target is above zero, else `softplus(z)`.
 *
 * @param logits of the probability that a value is not zero
 * @returns scalar
 */
export function expressedLoss(logits: Value, target: Value, mask: Value): Value {
  const expressed = cast(greater(target, target.graph.scalar(0)), "float32");
  return divide(total(multiply(subtract(softplus(logits), multiply(logits, expressed)), mask)), total(mask));
}

/**
 * Elastic cell similarity (scGPT): mean of `1 - (similarity - threshold)^2` over all pairs, where the similarity is the
 * positive part of the cosine and a cell's with itself counts as 0.
 *
 * @param cells `[cells, width]`
 * @returns scalar
 */
export function elasticCellSimilarity(cells: Value, threshold: number): Value {
  const count = cells.shape[0]!;
  const unit = l2Normalize(cells);
  const others = Float32Array.from({ length: count * count }, (_, i) => Number(i % count !== Math.floor(i / count)));
  const mask = cells.graph.constant({ dtype: "float32", shape: [count, count], data: others });
  const similarity = relu(multiply(matMul(unit, transpose(unit, [1, 0])), mask));
  const pairs = subtract(cells.graph.scalar(1), square(subtract(similarity, threshold)));
  return reduceMean(pairs, undefined, { keepDimensions: false });
}
