import { largest, largestFirst } from "../largest-first.ts";
import { logSoftmax } from "../probabilities.ts";
import type { LogitsProcessor } from "./processor.ts";

/** Logits of the given tokens, and `-Infinity` for all others. */
function only(logits: Float32Array, tokens: Iterable<number>): Float32Array {
  const changed = new Float32Array(logits.length).fill(-Infinity);
  for (const token of tokens) changed[token] = logits[token]!;
  return changed;
}

/** Keeps the `count` most likely tokens (Fan et al. 2018), the first ones among equals. */
export const topK =
  (count: number): LogitsProcessor =>
  (logits) =>
    only(logits, largest(logits, count));

/**
 * Nucleus sampling (Holtzman et al. 2020): keeps the fewest most likely tokens whose probabilities add up to at least
 * `mass`; always the most likely one.
 *
 * @param mass more than 0, at most 1
 */
export const topP =
  (mass: number): LogitsProcessor =>
  (logits) => {
    const logProbabilities = logSoftmax(logits);
    const nucleus: number[] = [];
    let sum = 0;
    for (const token of largestFirst(logits)) {
      // Forbidden tokens stay forbidden, also where rounding keeps the sum below the mass.
      if (logits[token] === -Infinity) break;
      nucleus.push(token);
      sum += Math.exp(logProbabilities[token]!);
      if (sum >= mass) break;
    }
    return only(logits, nucleus);
  };
