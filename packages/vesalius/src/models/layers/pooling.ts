import {
  add,
  divide,
  maximum,
  multiply,
  reduceMax,
  reduceMean,
  reduceSum,
  subtract,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";

/**
 * Mean of the places of each example.
 *
 * @param x `[batch, places, width]`
 * @param mask 1 for places, 0 for padding, float32 `[batch, places]`; zero for an example without places
 * @returns `[batch, width]`
 */
export function meanOverPlaces(x: Value, mask?: Value): Value {
  if (mask === undefined) return reduceMean(x, [1], { keepDimensions: false });
  const sum = reduceSum(multiply(x, unsqueeze(mask, [2])), [1], { keepDimensions: false });
  return divide(sum, maximum(reduceSum(mask, [1]), 1));
}

/** Largest number of each feature over the places of each example; see `meanOverPlaces`. */
export function maximumOverPlaces(x: Value, mask?: Value): Value {
  const lowered = mask === undefined ? x : add(x, unsqueeze(multiply(subtract(mask, 1), 1e4), [2]));
  return reduceMax(lowered, [1], { keepDimensions: false });
}
