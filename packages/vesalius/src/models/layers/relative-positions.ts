import {
  add,
  clip,
  type Graph,
  gather,
  matMul,
  multiply,
  reshape,
  subtract,
  transpose,
  type Value,
} from "../../graph/index.ts";
import { type Continuation, slotNumbers } from "./decoding.ts";
import { transformerInit } from "./linear.ts";
import { tableSize } from "./table-size.ts";

/** Options of `relativePositionBucket`. */
export interface BucketOptions {
  /** Number of buckets. */
  readonly buckets: number;
  /** Distances from here on share the last bucket. */
  readonly maximumDistance: number;
  /** Whether what comes behind has buckets of its own; else it shares the bucket of distance 0. */
  readonly bidirectional: boolean;
}

/**
 * Bucket of the distance between a key and a query in T5 (Raffel et al. 2020): half of the buckets hold one distance
 * each, the others grow with the logarithm. Computed in float32 as in transformers' `_relative_position_bucket`, so
 * that distances at the border of two buckets fall on the same side.
 *
 * @param distance position of the key minus position of the query
 */
export function relativePositionBucket(distance: number, options: BucketOptions): number {
  const { bidirectional, maximumDistance } = options;
  const buckets = bidirectional ? Math.floor(options.buckets / 2) : options.buckets;
  const start = bidirectional && distance > 0 ? buckets : 0;
  const away = bidirectional ? Math.abs(distance) : Math.max(0, -distance);
  const exact = Math.floor(buckets / 2);
  if (away < exact) return start + away;
  const ratio = Math.fround(Math.log(Math.fround(away / exact)));
  const share = Math.fround(ratio / Math.fround(Math.log(maximumDistance / exact)));
  const large = exact + Math.trunc(Math.fround(share * (buckets - exact)));
  return start + Math.min(large, buckets - 1);
}

/**
 * Relative positions as numbers added to attention scores, from the table `${name}.weight` `[buckets, heads]`.
 *
 * @param options.continuation the queries stand at its positions, the keys in its slots, in place of 0, 1, 2, ...
 * @returns `[1 or batch, heads, queries, keys]`
 */
export function bucketedPositionBias(
  graph: Graph,
  name: string,
  options: BucketOptions & {
    readonly heads: number;
    readonly queries: number;
    readonly keys: number;
    readonly continuation?: Continuation;
  },
): Value {
  const { heads, queries, keys } = options;
  const table = graph.parameter(`${name}.weight`, [options.buckets, heads], {
    kind: "normal",
    standardDeviation: 0.05,
  });
  const bias = (buckets: Value): Value => transpose(gather(table, buckets), [0, 3, 1, 2]);
  if (options.continuation === undefined) {
    const data = Int32Array.from({ length: tableSize(queries, keys) }, (_, i) =>
      relativePositionBucket((i % keys) - Math.floor(i / keys), options),
    );
    return bias(graph.constant({ dtype: "int32", shape: [1, queries, keys], data }));
  }
  const { positions, slots } = options.continuation;
  // Only what came before is seen, so the number of a bucket follows from how far behind a slot lies.
  const data = Int32Array.from({ length: tableSize(slots) }, (_, behind) => relativePositionBucket(-behind, options));
  const byDistance = graph.constant({ dtype: "int32", shape: [slots], data });
  const [batch, tokens] = positions.shape as [number, number];
  const behind = subtract(reshape(positions, [batch, tokens, 1]), reshape(slotNumbers(graph, slots), [1, 1, slots]));
  return bias(gather(byDistance, clip(behind, 0, slots - 1)));
}

/**
 * Scores by learned vectors of distances, `${name}.weight` `[2 * maximumPositions - 1, headWidth]`, as BERT of transformers 4
 * adds them (`relative_key`, `relative_key_query`).
 *
 * @param query `[batch, heads, tokens, headWidth]`, as are the keys
 * @param withKeys whether keys are multiplied with the vectors, too
 * @returns `[batch, heads, tokens, tokens]`, scaled as scores are
 */
export function distanceScores(
  query: Value,
  key: Value,
  name: string,
  { maximumPositions, withKeys }: { readonly maximumPositions: number; readonly withKeys: boolean },
): Value {
  const { graph } = query;
  const [batch, heads, tokens, width] = query.shape as [number, number, number, number];
  const table = graph.parameter(`${name}.weight`, [2 * maximumPositions - 1, width], transformerInit);
  const data = Int32Array.from(
    { length: tableSize(tokens, tokens) },
    (_, i) => Math.floor(i / tokens) - (i % tokens) + maximumPositions - 1,
  );
  const rows = gather(table, graph.constant({ dtype: "int32", shape: [tokens, tokens], data }));
  /** `[batch, heads, tokens, width]` times a matrix for each token. */
  const each = (x: Value, vectors: Value): Value =>
    transpose(
      reshape(matMul(reshape(transpose(x, [2, 0, 1, 3]), [tokens, batch * heads, width]), vectors), [
        tokens,
        batch,
        heads,
        tokens,
      ]),
      [1, 2, 0, 3],
    );
  const byQuery = each(query, transpose(rows, [0, 2, 1]));
  // For keys the rows are those of the queries, so that their scores are turned back.
  const scores = withKeys ? add(byQuery, transpose(each(key, transpose(rows, [1, 2, 0])), [0, 1, 3, 2])) : byQuery;
  return multiply(scores, width ** -0.5);
}
