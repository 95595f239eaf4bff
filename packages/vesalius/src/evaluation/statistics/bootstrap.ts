import { VesaliusError } from "../../common/errors.ts";
import { type WeightedStatistic } from "../metrics/ranking.ts";
import { quantileOfSorted } from "./quantile.ts";
import { bootstrapWeights, defaultResamples, type ResamplingOptions } from "./resampling.ts";

export { defaultResamples, type ResamplingOptions } from "./resampling.ts";

/** A figure with its interval. */
export interface Interval {
  /** The figure on the cases themselves. */
  readonly estimate: number;
  /** Ends of the interval; NaN where it cannot be had: on few cases, and where every resample gives the same. */
  readonly lower: number;
  readonly upper: number;
}

/** Which share of repetitions the interval should cover. */
export interface ConfidenceOptions {
  /** In (0, 1); 0.95 when left out. */
  readonly confidence?: number;
}

/** Throws `bad-argument` unless a confidence lies in (0, 1). */
export function requireConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) {
    throw new VesaliusError("bad-argument", `a confidence lies between 0 and 1, not at ${confidence}`, {
      where: "confidence",
      fix: "write 95% as 0.95",
    });
  }
}

/** A figure, and its value in every resample (NaN where the resample does not define it). */
export interface BootstrapSample {
  readonly estimate: number;
  /** `[resamples]`. */
  readonly values: Float64Array;
}

/**
 * Evaluates many metrics on the same resamples, so that differences between them keep their correlation.
 *
 * @param statistics records of metrics for given weights of the cases; the keys are the same in every call.
 * @returns the same records, with each metric's bootstrap sample.
 * @throws VesaliusError as `bootstrapWeights` does.
 */
export function bootstrapMany<Key extends string>(
  statistics: (weights?: ArrayLike<number>) => readonly Readonly<Partial<Record<Key, number>>>[],
  options: ResamplingOptions,
): Partial<Record<Key, BootstrapSample>>[] {
  const { resamples = defaultResamples } = options;
  const weightings = bootstrapWeights(options);
  const samples = statistics().map((record) => {
    const entries = Object.entries(record) as [Key, number | undefined][];
    return entries.map(([key, estimate = NaN]) => ({ key, estimate, values: new Float64Array(resamples) }));
  });
  let resample = 0;
  for (const weights of weightings) {
    const drawn = statistics(weights);
    for (const [i, record] of samples.entries())
      for (const { key, values } of record) values[resample] = drawn[i]?.[key] ?? NaN;
    resample += 1;
  }
  return samples.map((record) => {
    const byKey: Partial<Record<Key, BootstrapSample>> = {};
    for (const { key, estimate, values } of record) byKey[key] = { estimate, values };
    return byKey;
  });
}

/**
 * Percentile interval of bootstrap values; values that are not a number are left out.
 *
 * @throws VesaliusError `bad-argument` for a confidence outside (0, 1).
 */
export function percentileInterval(
  values: Float64Array,
  { confidence = 0.95 }: ConfidenceOptions = {},
): { lower: number; upper: number } {
  requireConfidence(confidence);
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  return {
    lower: quantileOfSorted(sorted, (1 - confidence) / 2),
    upper: quantileOfSorted(sorted, (1 + confidence) / 2),
  };
}

/** Fewer cases (or groups) than this give no bootstrap interval: resamples of them repeat the same few. */
export const smallestForBootstrap = 10;

/** Ends of an interval, NaN where the cases, or those of one stratum, are too few or every resample agrees. */
function endsOf(
  values: Float64Array,
  options: ResamplingOptions & ConfidenceOptions,
): { readonly lower: number; readonly upper: number } {
  const { lower, upper } = percentileInterval(values, options);
  const { count, strata, groups } = options;
  const units = new Map<number, Set<string | number>>();
  for (let row = 0; row < count; row++) {
    const stratum = strata?.[row] ?? 0;
    units.set(stratum, (units.get(stratum) ?? new Set()).add(groups?.[row] ?? row));
  }
  const few = [...units.values()].some(({ size }) => size < smallestForBootstrap);
  return few || !(upper > lower) ? { lower: NaN, upper: NaN } : { lower, upper };
}

/**
 * Percentile bootstrap interval of a figure. It has no ends where fewer than ten cases (or groups) are in all or in a
 * stratum, or every resample gives the same: such an interval would be narrow for lack of cases. `evaluateMeasures` gives
 * proportions Wilson's interval there.
 *
 * @param statistic the figure for given weights of the cases. Prepare what does not depend on the weights (such as the
 * order of the scores, see `rocAucStatistic`) outside of it.
 * @throws VesaliusError as `bootstrapWeights` and `percentileInterval` do.
 *
 * @example
 * bootstrapInterval(rocAucStatistic(labels, scores), { count: labels.length, strata: labels, groups: patients });
 */
export function bootstrapInterval(
  statistic: WeightedStatistic,
  options: ResamplingOptions & ConfidenceOptions,
): Interval {
  const [sample] = bootstrapMany((weights) => [{ figure: statistic(weights) }], options);
  const { estimate, values } = sample!.figure!;
  return { estimate, ...endsOf(values, options) };
}

/** What distinguishes two models on the same cases. */
export interface PairedDifference extends Interval {
  /** The figure of the first and of the second model. */
  readonly first: number;
  readonly second: number;
  /** Two-sided bootstrap p-value of no difference, in (0, 1]. */
  readonly pValue: number;
}

/**
 * Difference (first minus second) of two samples that were drawn on the same resamples.
 *
 * The p-value is twice the smaller share of resamples on either side of zero, with one added to numerator and
 * denominator so that it is never 0 (Davison and Hinkley 1997, section 4.2). NaN where no resample defines both.
 */
export function pairedDifferenceOf(
  first: BootstrapSample,
  second: BootstrapSample,
): { readonly sample: BootstrapSample; readonly pValue: number } {
  const values = first.values.map((value, i) => value - second.values[i]!);
  const defined = values.filter((value) => !Number.isNaN(value));
  const below = defined.filter((value) => value <= 0).length;
  const above = defined.filter((value) => value >= 0).length;
  return {
    sample: { estimate: first.estimate - second.estimate, values },
    pValue: defined.length === 0 ? NaN : Math.min(1, (2 * (Math.min(below, above) + 1)) / (defined.length + 1)),
  };
}

/**
 * Difference (first minus second) of a metric between two models on the same cases. Both are evaluated on the same
 * resamples, so what makes a case hard for both cancels out and the interval is narrower than that of two separate ones.
 * The p-value is that of {@link pairedDifferenceOf}.
 *
 * @throws VesaliusError as `bootstrapInterval` does.
 */
export function pairedBootstrapDifference(
  first: WeightedStatistic,
  second: WeightedStatistic,
  options: ResamplingOptions & ConfidenceOptions,
): PairedDifference {
  const [samples] = bootstrapMany((weights) => [{ first: first(weights), second: second(weights) }], options);
  const { sample, pValue } = pairedDifferenceOf(samples!.first!, samples!.second!);
  return {
    estimate: sample.estimate,
    ...endsOf(sample.values, options),
    first: samples!.first!.estimate,
    second: samples!.second!.estimate,
    pValue,
  };
}
