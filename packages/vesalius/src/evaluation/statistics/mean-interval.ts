import { VesaliusError } from "../../common/errors.ts";
import { requireConfidence, type ConfidenceOptions, type Interval } from "./bootstrap.ts";

/**
 * Share of Student's t distribution between -t and t, for a whole number of degrees of freedom (the finite series of
 * Abramowitz and Stegun 1964, 26.7.3 and 26.7.4). `angle` is atan(t / sqrt(degrees)).
 */
function centralShare(angle: number, degrees: number): number {
  const cosine = Math.cos(angle);
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < degrees - 1; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

/**
 * The t that a Student's t variable exceeds in absolute value with probability 1 - confidence.
 *
 * @param confidence in (0, 1).
 * @param degrees degrees of freedom, a whole number above 0.
 */
export function studentT(confidence: number, degrees: number): number {
  let low = 0;
  let high = Math.PI / 2;
  // Each step halves the angle's uncertainty; 60 steps reach the precision of a double.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (centralShare(middle, degrees) < confidence) low = middle;
    else high = middle;
  }
  return Math.sqrt(degrees) * Math.tan(low);
}

/** Mean of repeated runs. */
export interface MeanInterval extends Interval {
  /** Sample standard deviation (n - 1); NaN for a single value. */
  readonly standardDeviation: number;
  readonly count: number;
}

/**
 * Mean of a figure over repeated runs (seeds) with its Student-t interval. For a single run there is a mean but no
 * interval: its ends and the standard deviation are NaN.
 *
 * @throws VesaliusError `bad-data` for no values, `not-a-number` for a value that is not finite, `bad-argument` for a
 * confidence outside (0, 1).
 *
 * @example
 * meanInterval([0.91, 0.92, 0.9]); // { estimate: 0.91, lower: 0.885..., upper: 0.934..., ... }
 */
export function meanInterval(values: ArrayLike<number>, { confidence = 0.95 }: ConfidenceOptions = {}): MeanInterval {
  const count = values.length;
  if (count === 0) throw new VesaliusError("bad-data", "there are no values to average", { where: "values" });
  requireConfidence(confidence);
  const numbers = Float64Array.from(values);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new VesaliusError("not-a-number", `a run gave ${numbers[bad]}`, {
      where: `values, run ${bad}`,
      fix: "repeat the run, or report that it failed; leaving it out flatters the mean",
    });
  }
  const mean = numbers.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { estimate: mean, lower: NaN, upper: NaN, standardDeviation: NaN, count };
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardDeviation = Math.sqrt(squares / (count - 1));
  const half = (studentT(confidence, count - 1) * standardDeviation) / Math.sqrt(count);
  return { estimate: mean, lower: mean - half, upper: mean + half, standardDeviation, count };
}
