import { type Graph, gather, transpose, unsqueeze, type Value } from "../../graph/index.ts";

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
 * @returns `[1, heads, queries, keys]`
 */
export function bucketedPositionBias(
  graph: Graph,
  name: string,
  options: BucketOptions & { readonly heads: number; readonly queries: number; readonly keys: number },
): Value {
  const { heads, queries, keys } = options;
  const table = graph.parameter(`${name}.weight`, [options.buckets, heads], {
    kind: "normal",
    standardDeviation: 0.05,
  });
  const data = Int32Array.from({ length: queries * keys }, (_, i) =>
    relativePositionBucket((i % keys) - Math.floor(i / keys), options),
  );
  const buckets = graph.constant({ dtype: "int32", shape: [queries, keys], data });
  return unsqueeze(transpose(gather(table, buckets), [2, 0, 1]), [0]);
}
