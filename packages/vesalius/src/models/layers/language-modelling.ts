import {
  concat,
  crossEntropy,
  elementCount,
  equal,
  full,
  reshape,
  slice,
  type Value,
  where,
} from "../../graph/index.ts";

/** Options of `tokenLoss`. */
export interface TokenLossOptions {
  /** Label that counts nowhere; -100 by default, as in PyTorch. */
  readonly ignoreIndex?: number;
  /** Compare the logits at each position with the label of the next one, as causal models do; false by default. */
  readonly shift?: boolean;
}

/**
 * Mean cross-entropy over the tokens of a batch.
 *
 * @param logits `[batch, tokens, vocabulary]`
 * @param labels `[batch, tokens]`, int32 or int64
 * @returns scalar
 */
export function tokenLoss(logits: Value, labels: Value, options: TokenLossOptions = {}): Value {
  const length = labels.shape[1]!;
  const predicted = options.shift ? slice(logits, 1, 0, length - 1) : logits;
  const wanted = options.shift ? slice(labels, 1, 1, length) : labels;
  const rows = elementCount(wanted.shape);
  return crossEntropy(reshape(predicted, [rows, logits.shape.at(-1)!]), reshape(wanted, [rows]), {
    ignoreIndex: options.ignoreIndex ?? -100,
  });
}

/**
 * Inputs of a decoder that learns to say `labels`: these one place further behind a start token, ignored ones as
 * padding.
 *
 * @param labels `[batch, tokens]`, int32 or int64
 * @returns same shape
 */
export function shiftTokensRight(
  labels: Value,
  startToken: number,
  paddingToken: number,
  options: Pick<TokenLossOptions, "ignoreIndex"> = {},
): Value {
  const [batch, length] = labels.shape as [number, number];
  const { graph, dtype } = labels;
  const start = full(graph, [batch, 1], startToken, dtype);
  const shifted = concat([start, slice(labels, 1, 0, length - 1)], 1);
  const ignored = equal(shifted, graph.scalar(options.ignoreIndex ?? -100, dtype));
  return where(ignored, graph.scalar(paddingToken, dtype), shifted);
}
