import { type LogitsProcessor, without } from "./processor.ts";

/** Forbids tokens that would end the text before it has `minimum` new tokens in front of them. */
export const minimumNewTokens =
  (minimum: number, endTokens: readonly number[]): LogitsProcessor =>
  (logits, { written }) =>
    written < minimum ? without(logits, endTokens) : logits;
