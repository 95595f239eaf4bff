import { VesaliusError } from "../common/errors.ts";
import type { Basis, EvaluationOf } from "./evaluation.ts";
import type { EvaluationReport } from "./evaluation-report.ts";
import { bootstrapMany, defaultResamples } from "./statistics/bootstrap.ts";
import { confidence } from "./statistics/estimate.ts";
import {
  attributeReport,
  estimatesOf,
  prepareAttributes,
  type EstimateSource,
  type Samples,
} from "./statistics/subgroup-estimates.ts";
import { supportOf } from "./statistics/support.ts";
import type { AttributeColumn } from "./statistics/subgroups.ts";

/** Subgroups with fewer cases get no metrics, unless something else is asked for. */
const defaultMinimumSubgroupSize = 20;

/** What an evaluation is told beside the measures. Row i of every column belongs to measure i. */
export interface EvaluateMeasuresOptions {
  /** Unique identifiers; they appear in the report, beside mistakes. */
  readonly ids?: readonly string[] | undefined;
  /** Columns to divide into subgroups: site, sex, age. */
  readonly attributes?: Readonly<Record<string, AttributeColumn>> | undefined;
  /** Patient of each case; whole patients are resampled then. */
  readonly groups?: readonly string[] | undefined;
  /** Seed of the bootstrap; 0 when left out. */
  readonly seed?: number | undefined;
  /** Number of bootstrap resamples; 1000 when left out. */
  readonly resamples?: number | undefined;
  /** Subgroups with fewer cases get no metrics; 20 when left out. */
  readonly minimumSubgroupSize?: number | undefined;
  /** Whether the data may not be shown: no case is named then, and no subgroup that is too small. */
  readonly restricted?: boolean | undefined;
  /** Of the cases, those without an answer. */
  readonly withoutAnswer?: number | undefined;
  /** Examples that were left out since their truth is not known. */
  readonly withoutTruth?: number | undefined;
}

function checkColumns(count: number, { ids, groups }: EvaluateMeasuresOptions): void {
  if (count === 0) {
    throw new VesaliusError("bad-data", "there are no cases to evaluate", {
      where: "measures",
      fix: "evaluate on a split that holds examples with a known truth",
    });
  }
  for (const [name, column] of Object.entries({ ids, groups })) {
    if (column === undefined || column.length === count) continue;
    throw new VesaliusError("shape-mismatch", `${column.length} ${name} for ${count} cases`, {
      where: name,
      fix: "pass one entry per case, in the same order",
    });
  }
  const seen = new Set<string>();
  for (const [row, id] of (ids ?? []).entries()) {
    if (seen.has(id)) {
      throw new VesaliusError("bad-data", "a case occurs twice", {
        where: `ids, row ${row}`,
        fix: "leave out the padding rows of the last batch, and check the split for repeated cases",
      });
    }
    seen.add(id);
  }
}

/** Values that JSON can hold. */
const finiteOnly = (values: Readonly<Record<string, number>> = {}): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));

/**
 * Evaluates measured answers: every metric with its 95% interval, over all cases, for each part (class, structure, type)
 * and for each subgroup of the attributes, the largest gaps between subgroups, what no skill scores, and the details of
 * the kind of evaluation. One bootstrap serves them all, so that differences keep their correlation; resamples keep the
 * strata (classes) and draw whole groups where groups are given.
 *
 * What the cases do not define is null and says why; an interval that rests on few cases says so, see `estimateOf`.
 *
 * @throws VesaliusError `bad-data` for no cases or ids that occur twice, `shape-mismatch` for columns of unequal length,
 * `bad-argument` for the number of resamples
 *
 * @example
 * const evaluation = regressionEvaluation({ targets: ["age"] });
 * const measures = truths.map((truth, i) => evaluation.measure(truth, answers[i]!));
 * evaluateMeasures(evaluation, measures).metrics.rootMeanSquaredError; // { value: 4.1, lower: 3.8, upper: 4.5 }
 */
export function evaluateMeasures<Measure, Details>(
  evaluation: EvaluationOf<Measure, Details>,
  measures: readonly Measure[],
  options: EvaluateMeasuresOptions = {},
): EvaluationReport<Details> {
  const { attributes = {}, groups, seed = 0, resamples = defaultResamples } = options;
  const smallest = options.minimumSubgroupSize ?? defaultMinimumSubgroupSize;
  checkColumns(measures.length, options);
  const count = measures.length;

  const whole = evaluation.statistic(measures);
  const parts = Object.keys(whole().parts ?? {});
  const prepared = prepareAttributes(evaluation, measures, {
    attributes,
    groups,
    smallest,
    restricted: options.restricted ?? false,
  });
  const subgroups = prepared.flatMap((attribute) => attribute.subgroups).filter(({ statistic }) => statistic);
  const strata = evaluation.strata?.(measures);
  const [overall, ...others] = bootstrapMany<string>(
    (weights) => {
      const { metrics, parts: ofParts } = whole(weights);
      return [metrics, ...parts.map((name) => ofParts![name]!), ...subgroups.map((one) => one.statistic!(weights))];
    },
    { count, seed, resamples, ...(strata && { strata }), ...(groups && { groups }) },
  ) as Samples[];

  const bases = evaluation.restsOn?.(measures);
  const undefinedReason = evaluation.whyUndefined?.(measures);
  const sourceOf = (of: Readonly<Record<string, Basis>> | undefined): EstimateSource => ({
    metrics: evaluation.metrics,
    support: (metric) => supportOf(of?.[metric], count, groups),
    undefinedReason,
  });
  const composition = evaluation.composition?.(measures);
  const samplesOfSubgroups = new Map(subgroups.map((subgroup, i) => [subgroup, others[parts.length + i]!] as const));
  const ids = options.restricted ? undefined : options.ids;
  return {
    kind: evaluation.kind,
    version: 2,
    count,
    withoutTruth: options.withoutTruth ?? 0,
    withoutAnswer: options.withoutAnswer ?? 0,
    groupCount: groups === undefined ? null : new Set(groups).size,
    ...(composition === undefined ? {} : { composition: { ...composition } }),
    resampling: {
      method: "percentile bootstrap",
      unit: groups === undefined ? "case" : "group",
      stratified: strata !== undefined,
      resamples,
      seed,
      confidence,
    },
    metrics: estimatesOf(overall!, sourceOf(bases?.metrics)),
    floors: finiteOnly(evaluation.floors?.(measures)),
    breakdown: parts.map((name, i) => ({
      name,
      ...(composition?.[name] === undefined ? {} : { count: composition[name] }),
      metrics: estimatesOf(others[i]!, sourceOf(bases?.parts?.[name])),
    })),
    attributes: prepared.map((attribute) =>
      attributeReport(attribute, samplesOfSubgroups, evaluation.metrics, smallest),
    ),
    details: evaluation.describe(measures, ids),
  };
}
