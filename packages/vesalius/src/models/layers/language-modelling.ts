import { crossEntropy, elementCount, reshape, slice, type Value } from "../../graph/index.ts";

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
