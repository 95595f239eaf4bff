import type { LogitsProcessor } from "./processor.ts";

/**
 * Makes tokens that the text already has less likely (Keskar et al. 2019, CTRL): their logits are divided by the
 * penalty where they are positive and multiplied by it where they are negative, once however often a token occurred.
 *
 * @param penalty 1 changes nothing, more than 1 discourages repetition
 */
export const repetitionPenalty =
  (penalty: number): LogitsProcessor =>
  (logits, { tokens }) => {
    const changed = logits.slice();
    for (const token of new Set(tokens)) {
      const logit = logits[token]!;
      changed[token] = logit < 0 ? logit * penalty : logit / penalty;
    }
    return changed;
  };
