import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { estimateSchema } from "../../report/index.ts";
import type { EvaluationOf } from "../evaluation.ts";
import { bootstrapMany, defaultResamples, pairedDifferenceOf, smallestForBootstrap } from "./bootstrap.ts";
import { differenceRange, estimateOf } from "./estimate.ts";
import { effectiveSize, supportOf } from "./support.ts";

/** Schema of one metric of two models on the same cases. */
export const pairedEstimateSchema = z.object({
  first: z.number().nullable(),
  second: z.number().nullable(),
  /** First minus second. */
  difference: estimateSchema,
  /** Two-sided bootstrap p-value of no difference, in (0, 1]; null where too few cases could have shown one. */
  pValue: z.number().nullable(),
});
export type PairedEstimate = z.output<typeof pairedEstimateSchema>;

/** What a comparison is told beside the measures. */
export interface PairedComparisonOptions {
  /** Metrics to compare by; all when left out. */
  readonly metrics?: readonly string[] | undefined;
  /** Patient of each case; whole patients are resampled then. */
  readonly groups?: readonly string[] | undefined;
  /** Seed of the bootstrap; 0 when left out. */
  readonly seed?: number | undefined;
  /** Number of bootstrap resamples; 1000 when left out. */
  readonly resamples?: number | undefined;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Throws unless both were measured on the same cases, as far as strata tell. */
function checkSameCases(first: ArrayLike<number>, second: ArrayLike<number>): void {
  const differs = first.length !== second.length || Array.from(first).some((stratum, row) => stratum !== second[row]);
  if (!differs) return;
  throw new VesaliusError("bad-argument", "the two models were not measured on the same cases in the same order", {
    where: "measures",
    fix: "measure both on one split",
  });
}

/**
 * Compares two models on the same cases, first minus second, metric by metric. Both are evaluated on the same resamples,
 * so what makes a case hard for both cancels out and the interval is narrower than that of two separate ones.
 *
 * @throws VesaliusError `bad-argument` for measures of different cases, `bad-data` for none
 *
 * @example
 * pairedComparison(evaluation, ofLora, ofScratch)["rocAuc"]; // { first: 0.95, second: 0.91, difference: {...}, pValue: 0.002 }
 */
export function pairedComparison<Measure>(
  evaluation: EvaluationOf<Measure>,
  first: readonly Measure[],
  second: readonly Measure[],
  { metrics: asked, groups, seed = 0, resamples = defaultResamples }: PairedComparisonOptions = {},
): Record<string, PairedEstimate> {
  const count = first.length;
  const strata = evaluation.strata?.(first);
  checkSameCases(strata ?? { length: count }, evaluation.strata?.(second) ?? { length: second.length });
  const statistics = [evaluation.statistic(first), evaluation.statistic(second)];
  const [ofFirst, ofSecond] = bootstrapMany<string>(
    (weights) => statistics.map((statistic) => statistic(weights).metrics),
    { count, seed, resamples, ...(strata && { strata }), ...(groups && { groups }) },
  );
  const bases = [evaluation.restsOn?.(first).metrics, evaluation.restsOn?.(second).metrics];
  const names = Object.keys(evaluation.metrics).filter((name) => asked?.includes(name) ?? true);
  return Object.fromEntries(
    names.flatMap((name): [string, PairedEstimate][] => {
      const [a, b] = [ofFirst![name], ofSecond![name]];
      if (a === undefined || b === undefined) return [];
      const [support] = bases
        .map((of) => supportOf(of?.[name], count, groups))
        .sort((one, other) => effectiveSize(one) - effectiveSize(other));
      const { sample, pValue } = pairedDifferenceOf(a, b);
      const difference = estimateOf(sample, {
        range: differenceRange(evaluation.metrics[name]!.range),
        support: support!,
      });
      return [
        [
          name,
          {
            first: finite(a.estimate),
            second: finite(b.estimate),
            difference,
            // Resamples that repeat the same few cases agree on the sign by themselves.
            pValue: effectiveSize(support!) < smallestForBootstrap ? null : finite(pValue),
          },
        ],
      ];
    }),
  );
}
