import { VesaliusError } from "../../common/errors.ts";
import type { EvaluationOf, Estimates, Metric, Values } from "../evaluation.ts";
import type { AttributeReport } from "../evaluation-report.ts";
import type { BootstrapSample } from "./bootstrap.ts";
import { differenceRange, estimateOf } from "./estimate.ts";
import { effectiveSize, supportOf, type Support } from "./support.ts";
import { divideByAttribute, type AttributeColumn, type Division, type Subgroup } from "./subgroups.ts";

/** Bootstrap samples by metric. */
export type Samples = Readonly<Record<string, BootstrapSample>>;

/** Everything about a set of cases that estimates are made of beside the samples. */
export interface EstimateSource {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly support: (metric: string) => Support;
  readonly undefinedReason: string | undefined;
}

/** Estimates with intervals of the metrics that samples hold, in the order of a report. */
export function estimatesOf(samples: Samples, source: EstimateSource): Record<string, Estimates[string]> {
  const estimates: Record<string, Estimates[string]> = {};
  for (const [name, metric] of Object.entries(source.metrics)) {
    const sample = samples[name];
    if (sample === undefined) continue;
    estimates[name] = estimateOf(sample, {
      range: metric.range,
      proportion: metric.proportion ?? false,
      support: source.support(name),
      undefinedReason: source.undefinedReason,
    });
  }
  return estimates;
}

/** A subgroup with what is needed to evaluate it. */
export interface PreparedSubgroup extends Subgroup {
  readonly composition: Readonly<Record<string, number>> | undefined;
  /** Values of metrics for weights of all cases; undefined where the subgroup has too few. */
  readonly statistic: ((weights?: ArrayLike<number>) => Values) | undefined;
  readonly source: EstimateSource;
}

/** Attributes divided into subgroups, whose statistics join the resamples of the whole. */
export interface PreparedAttribute {
  readonly attribute: string;
  readonly division: Division;
  readonly subgroups: readonly PreparedSubgroup[];
}

function prepareSubgroup<Measure>(
  evaluation: EvaluationOf<Measure>,
  measures: readonly Measure[],
  groups: readonly string[] | undefined,
  subgroup: Subgroup,
  smallest: number,
): PreparedSubgroup {
  const { rows } = subgroup;
  const own = Array.from(rows, (row) => measures[row]!);
  const ownGroups = groups && Array.from(rows, (row) => groups[row]!);
  const few = own.length < smallest;
  const bases = few ? undefined : evaluation.restsOn?.(own).metrics;
  const prepared = {
    ...subgroup,
    composition: evaluation.composition?.(own),
    source: {
      metrics: evaluation.metrics,
      support: (metric: string) => supportOf(bases?.[metric], own.length, ownGroups),
      undefinedReason: evaluation.whyUndefined?.(own),
    },
  };
  if (few) return { ...prepared, statistic: undefined };
  const statistic = evaluation.statistic(own);
  const weightsOfOwn = new Float64Array(own.length);
  return {
    ...prepared,
    statistic: (weights) => {
      if (weights === undefined) return statistic().metrics;
      for (const [i, row] of rows.entries()) weightsOfOwn[i] = weights[row]!;
      return statistic(weightsOfOwn).metrics;
    },
  };
}

/** How cases are divided. */
export interface DivisionOptions {
  readonly attributes: Readonly<Record<string, AttributeColumn>>;
  readonly groups: readonly string[] | undefined;
  /** Subgroups with fewer cases get no metrics. */
  readonly smallest: number;
  /** Whether values that few cases have must not be shown. */
  readonly restricted: boolean;
}

/** A division without the subgroups of a few, which could be recognised by their value. */
function withoutSmall({ subgroups, omitted, ...division }: Division, smallest: number): Division {
  const small = subgroups.filter(({ rows }) => rows.length < smallest);
  return {
    ...division,
    subgroups: subgroups.filter((subgroup) => !small.includes(subgroup)),
    omitted: {
      subgroups: omitted.subgroups + small.length,
      cases: omitted.cases + small.reduce((sum, { rows }) => sum + rows.length, 0),
    },
  };
}

/**
 * Divides the cases by every attribute and prepares the metrics of each subgroup.
 *
 * @throws VesaliusError `shape-mismatch` for a column of the wrong length.
 */
export function prepareAttributes<Measure>(
  evaluation: EvaluationOf<Measure>,
  measures: readonly Measure[],
  { attributes, groups, smallest, restricted }: DivisionOptions,
): PreparedAttribute[] {
  return Object.entries(attributes).map(([attribute, column]) => {
    if (column.length !== measures.length) {
      throw new VesaliusError("shape-mismatch", `${column.length} values for ${measures.length} cases`, {
        where: `attribute ${attribute}`,
        fix: "pass one value per case, in the same order, null where it is not known",
      });
    }
    const whole = divideByAttribute(attribute, column, groups);
    const division = restricted ? withoutSmall(whole, smallest) : whole;
    const subgroups = division.subgroups.map((subgroup) =>
      prepareSubgroup(evaluation, measures, groups, subgroup, smallest),
    );
    return { attribute, division, subgroups };
  });
}

/** The two subgroups furthest apart in each metric, with an interval from the resamples that they share. */
function largestGaps(
  subgroups: readonly PreparedSubgroup[],
  samples: ReadonlyMap<PreparedSubgroup, Samples>,
  metrics: Readonly<Record<string, Metric>>,
): AttributeReport["largestGaps"] {
  const gaps: AttributeReport["largestGaps"] = {};
  for (const [metric, { range }] of Object.entries(metrics)) {
    const defined = subgroups.flatMap((subgroup) => {
      const sample = samples.get(subgroup)?.[metric];
      return sample === undefined || !Number.isFinite(sample.estimate)
        ? []
        : [{ name: subgroup.name, sample, source: subgroup.source }];
    });
    if (defined.length < 2) continue;
    const highest = defined.reduce((a, b) => (b.sample.estimate > a.sample.estimate ? b : a));
    const lowest = defined.reduce((a, b) => (b.sample.estimate <= a.sample.estimate ? b : a));
    const gap = {
      estimate: highest.sample.estimate - lowest.sample.estimate,
      values: highest.sample.values.map((value, i) => value - lowest.sample.values[i]!),
    };
    const [a, b] = [highest.source.support(metric), lowest.source.support(metric)];
    const support = effectiveSize(a) < effectiveSize(b) ? a : b;
    gaps[metric] = {
      highest: highest.name,
      lowest: lowest.name,
      gap: estimateOf(gap, { range: differenceRange(range), support }),
    };
  }
  return gaps;
}

/**
 * Writes the metrics of an attribute's subgroups.
 *
 * @param samples bootstrap samples of each subgroup that has a statistic.
 */
export function attributeReport(
  { attribute, division, subgroups }: PreparedAttribute,
  samples: ReadonlyMap<PreparedSubgroup, Samples>,
  metrics: Readonly<Record<string, Metric>>,
  smallest: number,
): AttributeReport {
  return {
    attribute,
    division: division.description,
    missing: division.missing,
    omitted: { ...division.omitted },
    subgroups: subgroups.map((subgroup) => {
      const { name, rows, composition } = subgroup;
      return {
        name,
        count: rows.length,
        ...(composition === undefined ? {} : { composition: { ...composition } }),
        metrics: estimatesOf(samples.get(subgroup) ?? {}, subgroup.source),
        ...(subgroup.statistic === undefined
          ? { note: `too few cases (${rows.length}, at least ${smallest} are needed)` }
          : {}),
      };
    }),
    largestGaps: largestGaps(subgroups, samples, metrics),
  };
}
