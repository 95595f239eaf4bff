import { classificationEvaluation } from "../classification/classification.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { checkCases, type ClassificationCases } from "./input.ts";
import { type ClassificationReport } from "./report.ts";

/**
 * Evaluates a classifier: discrimination, calibration and agreement with 95% bootstrap intervals, overall, per class
 * and per subgroup. All metrics are computed on the same resamples, so that gaps between subgroups keep their
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
  const { labels, probabilities, classNames, positiveClass, orderedClasses } = cases;
  checkCases(cases);
  const evaluation = classificationEvaluation({ classes: classNames, positiveClass, ordered: orderedClasses });
  const classes = classNames.length;
  const measures = Array.from(labels, (label, row) =>
    evaluation.measure(label, { probabilities: probabilities.subarray(row * classes, (row + 1) * classes) }),
  );
  const { count, groupCount, resampling, metrics, floors, breakdown, attributes, details, composition } =
    evaluateMeasures(evaluation, measures, cases);
  const countsOf = (counts: Readonly<Record<string, number>> = {}) => classNames.map((name) => counts[name] ?? 0);
  const { threshold: _threshold, withoutAnswer: _withoutAnswer, ...rest } = details;
  return {
    kind: "classification",
    version: 1,
    ...rest,
    count,
    classCounts: countsOf(composition),
    groupCount,
    resampling: {
      method: "stratified percentile bootstrap",
      unit: resampling.unit,
      resamples: resampling.resamples,
      seed: resampling.seed,
      confidence: resampling.confidence,
    },
    figures: metrics,
    floors,
    perClass: classNames.map((name) => {
      const part = breakdown.find((one) => one.name === name)!;
      return { name, count: part.count!, figures: part.metrics };
    }),
    attributes: attributes.map((attribute) => ({
      ...attribute,
      subgroups: attribute.subgroups.map(({ metrics: figures, composition: own, ...subgroup }) => ({
        ...subgroup,
        classCounts: countsOf(own),
        figures,
      })),
    })),
  };
}
