import { bootstrapMany, defaultResamples } from "../statistics/bootstrap.ts";
import { confidentErrors, curveOf, reliabilityOf } from "./details.ts";
import { checkCases, type ClassificationCases } from "./input.ts";
import { type ClassificationReport } from "./report.ts";
import { classificationStatistics, floorsOf } from "./statistics.ts";
import { figuresOf, type Samples } from "../figures.ts";
import { type MetricName } from "../metric-names.ts";
import { countConfusion, predictedClasses } from "../metrics/confusion.ts";
import { attributeReport, missingClasses, prepareAttributes } from "../subgroup-report.ts";

const confidence = 0.95;

/**
 * Evaluates a classifier: discrimination, calibration and agreement with 95% bootstrap intervals, overall, per class
 * and per subgroup. All figures are reckoned on the same resamples, so that gaps between subgroups keep their
 * correlation. Resamples keep the class counts (stratified) and draw whole groups where groups are given.
 *
 * Estimates that the cases do not define are null and say why: a class without cases, or a subgroup with too few.
 *
 * @throws VesaliusError `bad-data` for no cases, labels out of range, a single class, probabilities that are none or do
 * not sum to one, or ids that occur twice; `not-a-number` for NaN; `shape-mismatch` for columns of unequal length;
 * `bad-argument` for class names or a positive class that do not fit.
 *
 * @example
 * const report = evaluateClassification({ labels, probabilities, classNames: ["normal", "pneumonia"], attributes: { age } });
 * report.figures.rocAuc; // { value: 0.95, lower: 0.93, upper: 0.97 }
 */
export function evaluateClassification(cases: ClassificationCases): ClassificationReport {
  const { labels, probabilities, classNames, groups, ids, seed = 0, resamples = defaultResamples } = cases;
  const smallest = cases.minimumSubgroupSize ?? 20;
  const classes = classNames.length;
  const scores = { labels, probabilities, classes };
  const { classCounts, positiveClass } = checkCases(cases);

  const task = { ...scores, positiveClass, ordered: cases.orderedClasses ?? false, oneVsOne: true };
  const whole = classificationStatistics(task);
  const attributes = prepareAttributes(task, cases.attributes ?? {}, smallest);
  const subgroups = attributes.flatMap((attribute) => attribute.subgroups).filter(({ statistics }) => statistics);

  const [overall, ...others] = bootstrapMany<MetricName>(
    (weights) => {
      const { overall, perClass } = whole(weights);
      return [overall, ...perClass, ...subgroups.map((subgroup) => subgroup.statistics!(weights))];
    },
    { count: labels.length, seed, resamples, strata: labels, ...(groups === undefined ? {} : { groups }) },
  );
  const samples = new Map<(typeof subgroups)[number], Samples>(
    subgroups.map((subgroup, i) => [subgroup, others[classes + i]!]),
  );

  const predicted = predictedClasses(probabilities, classes);
  const matrix = countConfusion(labels, predicted, classes).counts;
  const undefinedReason = missingClasses(classCounts, classNames);
  const inCurves = classNames.map((_, index) => index).filter((index) => classes > 2 || index === positiveClass);
  return {
    kind: "classification",
    version: 1,
    classNames: [...classNames],
    positiveClass: positiveClass ?? null,
    count: labels.length,
    classCounts,
    groupCount: groups === undefined ? null : new Set(groups).size,
    resampling: {
      method: "stratified percentile bootstrap",
      unit: groups === undefined ? "case" : "group",
      resamples,
      seed,
      confidence,
    },
    figures: figuresOf(overall!, confidence, undefinedReason),
    floors: floorsOf(classCounts, positiveClass),
    perClass: classNames.map((name, index) => ({
      name,
      count: classCounts[index]!,
      figures: figuresOf(others[index]!, confidence, undefinedReason),
    })),
    confusionMatrix: classNames.map((_, row) => Array.from(matrix.subarray(row * classes, (row + 1) * classes))),
    curves: inCurves.flatMap((index) => curveOf(scores, index, classNames[index]!)),
    reliability: reliabilityOf(scores, positiveClass),
    attributes: attributes.map((attribute) =>
      attributeReport(attribute, samples, { classNames, confidence, smallest }),
    ),
    confidentErrors: ids === undefined ? [] : confidentErrors(scores, predicted, classNames, ids),
  };
}
