import type { Condition, Evidence } from "./schemas.ts";

/** Log-odds of a probability, bounded where it is 0 or 1 to the digits of 32 bits. */
export function logOdds(probability: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, probability));
  return Math.log(p / (1 - p));
}

/** One part of what is known, and what a model says without it. */
export interface WithoutPart {
  readonly part: Omit<Evidence, "weight">;
  /** `[conditions]` */
  readonly probabilities: ArrayLike<number>;
}

/** A change of the log-odds below this is none. */
const least = 0.01;

/**
 * Conditions by their probability, with the parts of what is known that speak for and against each: the change of its
 * log-odds where the part is left out. What two parts say alike weighs little in each of them.
 *
 * @param most conditions at most
 */
export function rankConditions(
  names: readonly string[],
  probabilities: ArrayLike<number>,
  without: readonly WithoutPart[],
  most: number,
): Condition[] {
  const order = names.map((_, i) => i).sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
  return order.slice(0, most).map((at) => {
    const evidence = without.map(({ part, probabilities: other }): Evidence => ({
      ...part,
      weight: logOdds(probabilities[at]!) - logOdds(other[at]!),
    }));
    return {
      name: names[at]!,
      probability: probabilities[at]!,
      for: evidence.filter(({ weight }) => weight >= least).sort((a, b) => b.weight - a.weight),
      against: evidence.filter(({ weight }) => weight <= -least).sort((a, b) => a.weight - b.weight),
    };
  });
}
