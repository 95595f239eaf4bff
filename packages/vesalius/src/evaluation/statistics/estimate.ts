import { wilsonInterval } from "../../common/wilson-interval.ts";
import type { Estimate } from "../../report/index.ts";
import type { Metric } from "../evaluation.ts";
import { percentileInterval, type BootstrapSample } from "./bootstrap.ts";
import { effectiveSize, smallestSize, type Support } from "./support.ts";

/** Fewer cases (or groups) than this give no bootstrap interval: resamples of them repeat the same few. */
export const smallestForBootstrap = 10;

/** With fewer cases (or groups) than this an interval carries a caution. */
export const smallestWithoutCaution = 30;

/** Where more resamples than this share leave a metric undefined, the others do not describe its uncertainty. */
const largestUndefinedShare = 0.05;

/** The confidence of every interval. */
export const confidence = 0.95;

/** What an interval depends on beside the bootstrap sample. */
export interface EstimateContext extends Pick<Metric, "range" | "proportion"> {
  readonly support: Support;
  /** Why the metric is undefined, where it is. */
  readonly undefinedReason?: string | undefined;
}

/** A value that is not defined, with the reason. */
export const undefinedEstimate = (reason: string): Estimate => ({ value: null, lower: null, upper: null, reason });

/** Wilson's interval, for a mean over classes the mean of theirs; the value lies in it whatever rounding does. */
function wilson(value: number, support: Support): { lower: number; upper: number } {
  const ends = (support.mean ? support.sizes : [smallestSize(support)]).map((size) => wilsonInterval(value, size));
  const mean = (key: "lower" | "upper") => ends.reduce((sum, end) => sum + end[key], 0) / ends.length;
  return { lower: Math.min(mean("lower"), value), upper: Math.max(mean("upper"), value) };
}

/** The interval, or why there is none. */
function intervalOf(
  { estimate, values }: BootstrapSample,
  { range: [least, greatest], proportion = false, support }: EstimateContext,
): { lower: number; upper: number; caution?: string } | string {
  const size = effectiveSize(support);
  const counted = (count: number) => `${Math.round(count)} ${support.unit}${Math.round(count) === 1 ? "" : "s"}`;
  const small = smallestSize(support);
  if (size < smallestForBootstrap) {
    if (proportion && small > 0)
      return { ...wilson(estimate, support), caution: `only ${counted(small)}; Wilson's interval` };
    return `no interval: it rests on ${counted(small)}`;
  }
  const defined = values.filter((value) => Number.isFinite(value));
  const undefinedShare = 1 - defined.length / values.length;
  if (undefinedShare === 1) return "no interval: resamples do not define it";
  if (undefinedShare > largestUndefinedShare)
    return `no interval: ${Math.round(100 * undefinedShare)}% of the resamples do not define it`;
  const { lower, upper } = percentileInterval(defined, { confidence });
  // No width: the cases do not show what others would give.
  if (!(upper > lower)) {
    if (proportion)
      return { ...wilson(estimate, support), caution: `every resample agrees; Wilson's interval of ${counted(small)}` };
    return "no interval: every resample gives the same value";
  }
  const few = support.mean ? small < smallestForBootstrap : small < smallestWithoutCaution;
  const caution = support.mean ? `one part rests on only ${counted(small)}` : `only ${counted(small)}`;
  return { lower: Math.max(lower, least), upper: Math.min(upper, greatest), ...(few ? { caution } : {}) };
}

/**
 * A value with its 95% interval, as wide as the cases allow: percentile bootstrap where there are at least
 * {@link smallestForBootstrap} cases and it has a width; otherwise Wilson's interval for proportions (Wilson 1927; the
 * variance of a mean of values from 0 to 1 and of an ROC AUC over its rarer class is no larger, van Dantzig 1951), and none
 * for other metrics. Says why where there is no value or no interval, and cautions where an interval rests on little.
 */
export function estimateOf(sample: BootstrapSample, context: EstimateContext): Estimate {
  const { estimate } = sample;
  if (!Number.isFinite(estimate)) return undefinedEstimate(context.undefinedReason ?? "not defined for these cases");
  const interval = intervalOf(sample, context);
  if (typeof interval === "string") return { value: estimate, lower: null, upper: null, reason: interval };
  return { value: estimate, ...interval };
}
