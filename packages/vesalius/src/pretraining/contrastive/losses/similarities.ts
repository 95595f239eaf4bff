import {
  add,
  type Graph,
  identityMatrix,
  l2Normalize,
  matMul,
  multiply,
  reduceSum,
  subtract,
  transpose,
  type Value,
} from "../../../graph/index.ts";

/** Large enough that its exponential vanishes, small enough to add to a similarity in float32. */
const excluded = -1e9;

/** Products of every row of `a` with every row of `b`: `[rows of a, rows of b]`. */
export const products = (a: Value, b: Value): Value => matMul(a, transpose(b, [1, 0]));

/** Cosine of every row of `a` with every row of `b`, divided by a temperature. */
export const cosines = (a: Value, b: Value, temperature: number): Value =>
  multiply(products(l2Normalize(a), l2Normalize(b)), 1 / temperature);

/** Sum of the products of two tensors' elements over the last axis: the diagonal of `products`. `[rows]` */
export const rowProducts = (a: Value, b: Value): Value => reduceSum(multiply(a, b), [-1], { keepDimensions: false });

/** Similarities in which no row sees itself, as it would in a softmax: the diagonal is far below the rest. */
export const withoutSelf = (similarities: Value): Value =>
  add(similarities, multiply(identityMatrix(similarities.graph, similarities.shape[0]!), excluded));

/** Scores that are taken only where a mask is 1; elsewhere far below the rest. */
export const onlyWhere = (scores: Value, mask: Value): Value => add(scores, multiply(subtract(mask, 1), -excluded));

/** Labels `start`, `start + 1`, ... for rows that belong to the columns of those numbers. */
export function consecutiveLabels(graph: Graph, count: number, start = 0): Value {
  const data = Int32Array.from({ length: count }, (_, i) => start + i);
  return graph.constant({ dtype: "int32", shape: [count], data });
}
