import { VesaliusError } from "../common/errors.ts";

/**
 * Logarithm of the sum of exponentials, without overflow. `-Infinity` where every logit is.
 *
 * @throws VesaliusError `not-a-number` where a logit is none
 */
function logSumExp(logits: Float32Array): number {
  let highest = -Infinity;
  for (const logit of logits) if (logit > highest) highest = logit;
  if (highest === -Infinity && !logits.some(Number.isNaN)) return -Infinity;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  if (Number.isNaN(sum))
    throw new VesaliusError("not-a-number", "the model's logits are not all numbers", {
      fix: "check the weights: training may have diverged, or a file may be damaged",
    });
  return highest + Math.log(sum);
}

/** Logarithm of the softmax. */
export function logSoftmax(logits: Float32Array): Float32Array {
  const total = logSumExp(logits);
  return logits.map((logit) => logit - total);
}

/** Logarithm of the probability of one token. */
export const logProbabilityOf = (logits: Float32Array, token: number): number => logits[token]! - logSumExp(logits);

/**
 * Draws a token with the probabilities of the softmax.
 *
 * @param uniform a number in [0, 1)
 */
export function drawToken(logits: Float32Array, uniform: number): number {
  const total = logSumExp(logits);
  let rest = uniform;
  let last = 0;
  for (let token = 0; token < logits.length; token++) {
    const probability = Math.exp(logits[token]! - total);
    if (probability === 0) continue;
    rest -= probability;
    last = token;
    if (rest < 0) break;
  }
  // Rounding may leave a little of the number after the last token that has any probability.
  return last;
}
