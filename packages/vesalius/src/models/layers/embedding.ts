import {
  cast,
  equal,
  gather,
  type Initializer,
  reshape,
  scaleGradient,
  subtract,
  type Value,
} from "../../graph/index.ts";
import { transformerInit } from "./linear.ts";

/** Options of `embeddingLayer`. */
export interface EmbeddingOptions {
  /** Token whose row gets no gradient from the look-up, as `padding_idx` of PyTorch's Embedding. */
  readonly paddingToken?: number | null;
  readonly initializer?: Initializer;
}

/**
 * Table of vectors `${name}.weight` `[rows, width]` and the look-up of its rows.
 *
 * @param tokens row numbers, int32 or int64, any shape
 * @returns the rows `[...tokens, width]` and the table, for output layers that share it
 */
export function embeddingLayer(
  tokens: Value,
  name: string,
  rows: number,
  width: number,
  options: EmbeddingOptions = {},
): { readonly vectors: Value; readonly table: Value } {
  const graph = tokens.graph;
  const table = graph.parameter(`${name}.weight`, [rows, width], options.initializer ?? transformerInit);
  const vectors = gather(table, tokens);
  const padding = options.paddingToken ?? null;
  if (padding === null) return { vectors, table };
  const isPadding = cast(equal(tokens, graph.scalar(padding, tokens.dtype)), "float32");
  const kept = reshape(subtract(graph.scalar(1), isPadding), [...tokens.shape, 1]);
  return { vectors: scaleGradient(vectors, kept), table };
}
