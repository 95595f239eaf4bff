import {
  add,
  concat,
  divide,
  maximum,
  multiply,
  reduceMax,
  reduceMean,
  reduceSum,
  select,
  slice,
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

/**
 * The last place of each example: what a causal network pools, which alone has seen all the others.
 *
 * @param x `[batch, places, width]`
 * @param mask 1 for places, then 0 for padding, float32 `[batch, places]`; zero for an example without places
 * @returns `[batch, width]`
 */
export function lastPlace(x: Value, mask?: Value): Value {
  const [batch, places] = x.shape as [number, number, number];
  if (mask === undefined) return select(x, 1, places - 1);
  const next = concat([slice(mask, 1, 1, places), x.graph.filled([batch, 1], 0)], 1);
  return reduceSum(multiply(x, unsqueeze(subtract(mask, next), [2])), [1], { keepDimensions: false });
}
