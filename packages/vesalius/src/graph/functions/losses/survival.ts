import type { Value } from "../../value.ts";
import { relu, softmax } from "../activations.ts";
import { add, divide, exp, log, maximum, multiply, negate, subtract } from "../arithmetic.ts";
import { cast, gather } from "../indexing.ts";
import { equal, greater } from "../comparison.ts";
import { matMul } from "../matrix-products.ts";
import { cumulativeSum, topK } from "../ordering.ts";
import { reduceMax, reduceSum } from "../reductions.ts";
import { concat, reshape, slice, stopGradient, transpose } from "../shaping.ts";
import { binaryCrossEntropyTerms } from "./binary-cross-entropy.ts";
import { meanOf, sumOf } from "./totals.ts";

/** Keeps logarithms finite, as in pycox. */
const epsilon = 1e-7;

/**
 * Negative partial log-likelihood of Cox's model (Cox 1972; Katzman et al. 2018), as pycox's `cox_ph_loss_sorted`,
 * divided by the number of events.
 *
 * @param logHazards `[rows]`, by falling duration; who leaves at the same time is at risk with those before alone
 * @param events 1 where the event was seen, 0 where the row was censored, `[rows]`
 * @returns scalar; 0 where there is no event, from which nothing is to be learned
 */
export function coxLossSorted(logHazards: Value, events: Value): Value {
  const largest = stopGradient(reduceMax(logHazards));
  const atRisk = cumulativeSum(exp(subtract(logHazards, largest)), 0);
  const logRisk = add(log(add(atRisk, epsilon)), largest);
  const count = maximum(sumOf(events), 1);
  return negate(divide(sumOf(multiply(subtract(logHazards, logRisk), events)), count));
}

/** `coxLossSorted` of rows in any order, `durations` `[rows]`. Of equal durations the earlier row comes first. */
export function coxLoss(logHazards: Value, durations: Value, events: Value): Value {
  const { indices } = topK(durations, durations.shape[0]!, 0);
  return coxLossSorted(gather(logHazards, indices), gather(events, indices));
}

/** 1 in the interval that each row left in, `[rows, intervals]`, and 1 in the later ones. */
function leavingInterval(intervals: Value, count: number): { at: Value; after: Value } {
  const numbers = Int32Array.from({ length: count }, (_, i) => i);
  const range = intervals.graph.constant({ dtype: "int32", shape: [1, count], data: numbers });
  const left = reshape(cast(intervals, "int32"), [intervals.shape[0]!, 1]);
  return { at: cast(equal(range, left), "float32"), after: cast(greater(range, left), "float32") };
}

const column = (x: Value): Value => reshape(x, [x.shape[0]!, 1]);

/** A further interval behind the last, with logit 0: surviving them all. */
const withSurvival = (logits: Value): Value => {
  const rows = logits.shape[0]!;
  return concat([logits, logits.graph.filled([rows, 1], 0)], 1);
};

/**
 * Negative log-likelihood of discrete hazards (Gensheimer and Narasimhan 2019), as pycox's `nll_logistic_hazard`.
 *
 * @param logits of the hazard in each interval, `[rows, intervals]`
 * @param intervals in which each row left, `[rows]`, int32 or int64
 * @param events 1 where the event was seen, `[rows]`
 * @returns scalar
 */
export function logisticHazardLoss(logits: Value, intervals: Value, events: Value): Value {
  const { at, after } = leavingInterval(intervals, logits.shape[1]!);
  const terms = binaryCrossEntropyTerms(logits, multiply(at, column(events)));
  const seen = subtract(logits.graph.scalar(1), after);
  return meanOf(reduceSum(multiply(terms, seen), [1]));
}

/**
 * Negative log-likelihood of the probability of each interval (Kvamme and Borgan 2021), as pycox's `nll_pmf`.
 *
 * @param logits of leaving in each interval, `[rows, intervals]`; that of surviving them all is 0
 * @param intervals `[rows]`, int32 or int64
 * @param events `[rows]`
 * @returns scalar
 */
export function intervalProbabilityLoss(logits: Value, intervals: Value, events: Value): Value {
  const padded = withSurvival(logits);
  const { at, after } = leavingInterval(intervals, padded.shape[1]!);
  const shifted = subtract(padded, reduceMax(padded, [1]));
  const masses = exp(shifted);
  const overIntervals = (x: Value): Value => reduceSum(x, [1]);
  const seen = column(events);
  const ofEvent = multiply(overIntervals(multiply(shifted, at)), seen);
  const total = log(add(overIntervals(masses), epsilon));
  const later = log(add(relu(overIntervals(multiply(masses, after))), epsilon));
  const ofCensored = multiply(later, subtract(logits.graph.scalar(1), seen));
  return negate(meanOf(add(subtract(ofEvent, total), ofCensored)));
}

/**
 * Which rows can be ordered: 1 at [i, j] where row i had its event before row j left, or when j was censored.
 *
 * @param intervals `[rows]`, int32 or int64
 * @param events `[rows]`
 * @returns `[rows, rows]`
 */
export function comparablePairs(intervals: Value, events: Value): Value {
  const one = events.graph.scalar(1);
  const [mine, theirs] = [column(intervals), transpose(column(intervals), [1, 0])];
  const earlier = cast(greater(theirs, mine), "float32");
  const tied = multiply(cast(equal(mine, theirs), "float32"), subtract(one, transpose(column(events), [1, 0])));
  return multiply(add(earlier, tied), column(events));
}

/**
 * Ranking loss of DeepHit (Lee et al. 2018), as pycox's `rank_loss_deephit_single`: who left earlier should have had the
 * higher risk by then.
 *
 * @param logits of leaving in each interval, `[rows, intervals]`
 * @param intervals `[rows]`, int32 or int64
 * @param pairs 1 where row i is to be ranked before row j, `[rows, rows]`; see `comparablePairs`
 * @param sigma how soon a wrong order counts; 0.1 by default
 * @returns scalar, mean over all pairs
 */
export function rankingLoss(logits: Value, intervals: Value, pairs: Value, sigma = 0.1): Value {
  const count = logits.shape[1]!;
  const probabilities = slice(softmax(withSurvival(logits)), 1, 0, count);
  const { at } = leavingInterval(intervals, count);
  // risk[i, j]: probability that row i has left by the time of row j.
  const risk = matMul(cumulativeSum(probabilities, 1), transpose(at, [1, 0]));
  const own = reduceSum(multiply(cumulativeSum(probabilities, 1), at), [1]);
  const lead = subtract(own, transpose(risk, [1, 0]));
  return meanOf(multiply(pairs, exp(multiply(lead, -1 / sigma))));
}
