import { type FollowUp, quantileOfSorted } from "../../evaluation/index.ts";
import {
  add,
  cast,
  constantRow,
  cumulativeSum,
  greater,
  less,
  logisticHazardLoss,
  multiply,
  negate,
  reduceMean,
  reduceSum,
  reshape,
  softplus,
  subtract,
  type Value,
  exp,
} from "../../graph/index.ts";
import type { SurvivalModel } from "./model.ts";

/**
 * Ends of intervals with even numbers of observed events, the last one at the end of follow-up; fewer where events fall on
 * few times.
 */
export function hazardBoundaries({ time, event }: FollowUp, intervals: number): number[] {
  const observed = Float64Array.from(time)
    .filter((_, row) => event[row] === 1)
    .sort();
  const end = Float64Array.from(time).reduce((latest, at) => Math.max(latest, at), 0);
  const inner = Array.from({ length: intervals - 1 }, (_, i) => quantileOfSorted(observed, (i + 1) / intervals));
  return [...new Set([...inner.filter((at) => at > 0 && at < end), end])];
}

/**
 * Interval that each row left in, int32 `[rows]`: that of its event, or the last one that a censored row is known to have
 * lived through, -1 for none (Kvamme and Borgan 2021, section 3).
 *
 * @param inner ends of all intervals but the last, as a constant `[1, intervals - 1]`
 */
function intervalsOf(time: Value, observed: Value, inner: Value): Value {
  const rows = time.shape[0]!;
  const at = reshape(time, [rows, 1]);
  const count = (mask: Value): Value => reduceSum(cast(mask, "float32"), [1], { keepDimensions: false });
  const ofEvent = count(less(inner, at));
  const notYet = count(greater(inner, at));
  const ofCensored = subtract(time.graph.scalar(inner.shape[1]! - 1), notYet);
  return cast(
    add(multiply(ofEvent, observed), multiply(ofCensored, subtract(time.graph.scalar(1), observed))),
    "int32",
  );
}

/** Survival at times between the ends of intervals, falling evenly from one to the next; after the last it stays. */
function interpolate(
  boundaries: readonly number[],
  survival: ArrayLike<number>,
  times: readonly number[],
): Float64Array {
  return Float64Array.from(times, (time) => {
    const next = boundaries.findIndex((end) => end >= time);
    if (next < 0) return survival[survival.length - 1]!;
    const [start, before] = next === 0 ? [0, 1] : [boundaries[next - 1]!, survival[next - 1]!];
    const share = Math.max(0, time - start) / (boundaries[next]! - start);
    return before + share * (survival[next]! - before);
  });
}

/**
 * A hazard in each of several intervals (Gensheimer and Narasimhan 2019), so that risks may change their order with time.
 * The risk that ranks examples is the mean of the cumulative hazard over the intervals.
 *
 * @param boundaries ends of the intervals, rising
 * @param times at which survival is predicted, rising
 */
export function hazards(boundaries: readonly number[], times: readonly number[]): SurvivalModel {
  const inner = boundaries.slice(0, -1);
  // A head of zeros would say that half of the cases leave in every interval; it starts near one in as many as there are.
  const start = -Math.log(boundaries.length);
  return {
    outputs: boundaries.length,
    loss(logits, time, observed) {
      const ends = constantRow(time.graph, inner);
      return logisticHazardLoss(add(logits, start), intervalsOf(time, observed, ends), observed);
    },
    answers(logits) {
      // -log(1 - sigmoid(x)) = softplus(x)
      const cumulative = cumulativeSum(softplus(add(logits, start)), 1);
      return { risk: reduceMean(cumulative, [1], { keepDimensions: false }), survival: exp(negate(cumulative)) };
    },
    decode: ({ risk, survival }) => ({
      risk: Number(risk!.data[0]),
      survival: interpolate(boundaries, survival!.data as Float32Array, times),
    }),
  };
}
