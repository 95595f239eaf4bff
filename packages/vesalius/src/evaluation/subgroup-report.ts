import { VesaliusError } from "../common/errors.ts";
import { countClasses } from "./classification/input.ts";
import { type AttributeReport } from "./classification/report.ts";
import { classificationStatistics, type Numbers, type StatisticsOptions } from "./classification/statistics.ts";
import { figureOf, figuresOf, type Samples } from "./figures.ts";
import { metricNames } from "./metric-names.ts";
import { requireLength } from "./metrics/input-checks.ts";
import { divideByAttribute, type AttributeColumn, type Division, type Subgroup } from "./statistics/subgroups.ts";

/** A subgroup with what is needed to evaluate it. */
interface PreparedSubgroup extends Subgroup {
  readonly classCounts: readonly number[];
  /** Undefined where the subgroup has too few cases. */
  readonly statistics: ((weights?: ArrayLike<number>) => Numbers) | undefined;
}

/** Attributes divided into subgroups, whose statistics join the resamples of the whole. */
export interface PreparedAttribute {
  readonly attribute: string;
  readonly division: Division;
  readonly subgroups: readonly PreparedSubgroup[];
}

/** The classes without a case, as a reason for a figure that is not defined. */
export function missingClasses(classCounts: readonly number[], classNames: readonly string[]): string {
  const missing = classNames.filter((_, index) => classCounts[index] === 0);
  return missing.length > 0 ? `no case of ${missing.join(", ")}` : "not defined for these cases";
}

function prepareSubgroup(task: StatisticsOptions, subgroup: Subgroup, smallest: number): PreparedSubgroup {
  const { rows } = subgroup;
  const labels = rows.map((row) => task.labels[row]!);
  const classCounts = countClasses(labels, task.classes);
  if (rows.length < smallest) return { ...subgroup, classCounts, statistics: undefined };
  const probabilities = new Float64Array(rows.length * task.classes);
  for (const [i, row] of rows.entries()) {
    for (let column = 0; column < task.classes; column++) {
      probabilities[i * task.classes + column] = task.probabilities[row * task.classes + column]!;
    }
  }
  const statistics = classificationStatistics({ ...task, labels, probabilities, oneVsOne: false });
  const own = new Float64Array(rows.length);
  return {
    ...subgroup,
    classCounts,
    statistics: (weights) => {
      if (weights === undefined) return statistics().overall;
      for (const [i, row] of rows.entries()) own[i] = weights[row]!;
      return statistics(own).overall;
    },
  };
}

/**
 * Divides the cases by every attribute and prepares the figures of each subgroup.
 *
 * @param smallest subgroups with fewer cases get no figures.
 * @throws VesaliusError `shape-mismatch` for a column of the wrong length, `bad-data` for one without any value.
 */
export function prepareAttributes(
  task: StatisticsOptions,
  attributes: Readonly<Record<string, AttributeColumn>>,
  smallest: number,
): PreparedAttribute[] {
  return Object.entries(attributes).map(([attribute, column]) => {
    requireLength(column.length, task.labels.length, `attribute ${attribute}`);
    const division = divideByAttribute(attribute, column);
    if (division.subgroups.length === 0) {
      throw new VesaliusError("bad-data", "no case has a value of this attribute", {
        where: `attribute ${attribute}`,
        fix: "leave the attribute out, or check how the table was joined to the cases",
      });
    }
    const subgroups = division.subgroups.map((subgroup) => prepareSubgroup(task, subgroup, smallest));
    return { attribute, division, subgroups };
  });
}

/** The two subgroups furthest apart in each metric, with an interval from the resamples that they share. */
function largestGaps(
  subgroups: readonly PreparedSubgroup[],
  samples: ReadonlyMap<PreparedSubgroup, Samples>,
  confidence: number,
): AttributeReport["largestGaps"] {
  const gaps: AttributeReport["largestGaps"] = {};
  for (const metric of metricNames) {
    const defined = subgroups.flatMap(({ name }, i) => {
      const sample = samples.get(subgroups[i]!)?.[metric];
      return sample === undefined || !Number.isFinite(sample.estimate) ? [] : [{ name, sample }];
    });
    if (defined.length < 2) continue;
    const highest = defined.reduce((a, b) => (b.sample.estimate > a.sample.estimate ? b : a));
    const lowest = defined.reduce((a, b) => (b.sample.estimate <= a.sample.estimate ? b : a));
    const gap = {
      estimate: highest.sample.estimate - lowest.sample.estimate,
      values: highest.sample.values.map((value, i) => value - lowest.sample.values[i]!),
    };
    gaps[metric] = { highest: highest.name, lowest: lowest.name, gap: figureOf(gap, confidence, "") };
  }
  return gaps;
}

/**
 * Writes the figures of an attribute's subgroups.
 *
 * @param samples bootstrap samples of each subgroup that has statistics.
 */
export function attributeReport(
  { attribute, division, subgroups }: PreparedAttribute,
  samples: ReadonlyMap<PreparedSubgroup, Samples>,
  { classNames, confidence, smallest }: { classNames: readonly string[]; confidence: number; smallest: number },
): AttributeReport {
  return {
    attribute,
    division: division.description,
    missing: division.missing,
    omitted: { ...division.omitted },
    subgroups: subgroups.map((subgroup) => {
      const { name, rows, classCounts } = subgroup;
      const figures = figuresOf(samples.get(subgroup) ?? {}, confidence, missingClasses(classCounts, classNames));
      const common = { name, count: rows.length, classCounts: [...classCounts], figures };
      return subgroup.statistics === undefined
        ? { ...common, note: `too few cases (${rows.length}, at least ${smallest} are needed)` }
        : common;
    }),
    largestGaps: largestGaps(subgroups, samples, confidence),
  };
}
