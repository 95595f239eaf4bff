import { z } from "zod";
import { binProbabilities, countBins, topClassConfidence, type BinnedProbabilities } from "../metrics/calibration.ts";
import { countConfusion } from "../metrics/confusion.ts";
import { precisionRecallCurveOfCounts } from "../metrics/precision-recall.ts";
import { countRanking, type ScoreRanking } from "../metrics/ranking.ts";
import { rankOneVsRest, type ClassScores } from "../metrics/roc-multiclass.ts";
import { rocCurveOfCounts } from "../metrics/roc.ts";
import { thinCurve } from "../statistics/thin-curve.ts";
import { scoresOf, type ClassificationMeasure, type ClassRoles } from "./measure.ts";

const pointsPerCurve = 200;
const numberOfErrors = 20;

const share = z.number().min(0).max(1);
const count = z.int().min(0);

/** Schema of one bin of a reliability diagram. */
export const reliabilityBinSchema = z.object({
  lower: share,
  upper: share,
  count,
  meanProbability: z.number(),
  observedRate: share,
});

/** Schema of the curves of one class or label against the rest. */
export const curveSchema = z.object({
  className: z.string(),
  prevalence: share,
  roc: z.object({ falsePositiveRate: z.array(share), truePositiveRate: z.array(share) }),
  precisionRecall: z.object({ recall: z.array(share), precision: z.array(share) }),
});
/** ROC and precision-recall curve of one class against the rest. */
export type ClassCurve = z.output<typeof curveSchema>;

/** Schema of what a report of a classification holds beyond the metrics. */
export const classificationDetailsSchema = z.object({
  classNames: z.array(z.string()).min(2),
  /** Index of the class that a clinician would call positive; null where no class is singled out. */
  positiveClass: count.nullable(),
  /** Lowest probability at which the positive class was answered, chosen elsewhere; null where the most probable was. */
  threshold: z.number().nullable(),
  /** Row = true class, column = answered class; cases without an answer are in `withoutAnswer`. */
  confusionMatrix: z.array(z.array(count)),
  /** Of each class, the cases without an answer. */
  withoutAnswer: z.array(count),
  /** One per class with both cases and non-cases; of two classes only the positive one. At most 200 points each. */
  curves: z.array(curveSchema),
  /** Bins that hold at least one case. */
  reliability: z.object({
    topClass: z.array(reliabilityBinSchema),
    positiveClass: z.array(reliabilityBinSchema).nullable(),
  }),
  /** Mistakes in which the model was most confident; empty where cases may not be named. */
  confidentErrors: z.array(
    z.object({ id: z.string(), trueClass: z.string(), predictedClass: z.string(), confidence: z.number() }),
  ),
});
export type ClassificationDetails = z.output<typeof classificationDetailsSchema>;

/** Coordinates to five decimals: finer than any plot, and a third of the file. */
const rounded = (values: readonly number[]): number[] => values.map((value) => Math.round(value * 1e5) / 1e5);

/** Curves of one class or label against the rest; none where it has no case or no other case. */
export function curveOfRanking(ranking: ScoreRanking, className: string): ClassCurve[] {
  const counts = countRanking(ranking);
  if (counts.positives === 0 || counts.negatives === 0) return [];
  const roc = rocCurveOfCounts(counts, ranking.thresholds);
  const recall = precisionRecallCurveOfCounts(counts, ranking.thresholds);
  const rocPoints = thinCurve({ x: roc.falsePositiveRate, y: roc.truePositiveRate }, pointsPerCurve);
  const recallPoints = thinCurve({ x: recall.recall, y: recall.precision }, pointsPerCurve);
  return [
    {
      className,
      prevalence: counts.positives / (counts.positives + counts.negatives),
      roc: { falsePositiveRate: rounded(rocPoints.x), truePositiveRate: rounded(rocPoints.y) },
      precisionRecall: { recall: rounded(recallPoints.x), precision: rounded(recallPoints.y) },
    },
  ];
}

const filledBins = (binned: BinnedProbabilities) => countBins(binned).filter((bin) => bin.count > 0);

/** The probability of one class against whether it is the true one. */
function binsOfClass({ labels, probabilities, classes }: ClassScores, index: number): BinnedProbabilities {
  return binProbabilities(
    Float64Array.from({ length: labels.length }, (_, row) => probabilities[row * classes + index]!),
    Uint8Array.from({ length: labels.length }, (_, row) => (labels[row] === index ? 1 : 0)),
  );
}

/** The mistakes in which the model was most confident, worst first. */
function confidentErrors(
  measures: readonly ClassificationMeasure[],
  classNames: readonly string[],
  ids: readonly string[],
): ClassificationDetails["confidentErrors"] {
  return measures
    .map((measure, row) => ({ ...measure, id: ids[row]! }))
    .filter(({ label, predicted }) => predicted !== label && predicted < classNames.length)
    .map(({ id, label, predicted, probabilities }) => ({
      id,
      trueClass: classNames[label]!,
      predictedClass: classNames[predicted]!,
      confidence: probabilities[predicted]!,
    }))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, numberOfErrors);
}

/** The threshold that all answers share; null where there is none or they differ. */
function sharedThreshold(measures: readonly ClassificationMeasure[]): number | null {
  const thresholds = new Set(measures.flatMap(({ threshold }) => (threshold === null ? [] : [threshold])));
  return thresholds.size === 1 ? [...thresholds][0]! : null;
}

/** Curves, reliability, confusion matrix and surest mistakes. */
export function describeClassification(
  measures: readonly ClassificationMeasure[],
  ids: readonly string[] | undefined,
  { classes: classNames, positiveClass }: ClassRoles,
): ClassificationDetails {
  const classes = classNames.length;
  const { labels, predicted } = scoresOf(measures, classes);
  const matrix = countConfusion(labels, predicted, classes + 1).counts;
  // Calibration is that of probabilities that were given.
  const answered = scoresOf(
    measures.filter((measure) => measure.predicted < classes),
    classes,
  );
  const scores = scoresOf(measures, classes);
  const { confidence, correct } = topClassConfidence(answered);
  const inCurves = classNames.map((_, index) => index).filter((index) => classes > 2 || index === positiveClass);
  return {
    classNames: [...classNames],
    positiveClass: positiveClass ?? null,
    threshold: sharedThreshold(measures),
    confusionMatrix: classNames.map((_, row) =>
      Array.from(matrix.subarray(row * (classes + 1), row * (classes + 1) + classes)),
    ),
    withoutAnswer: classNames.map((_, row) => matrix[row * (classes + 1) + classes]!),
    curves: inCurves.flatMap((index) => curveOfRanking(rankOneVsRest(scores, index), classNames[index]!)),
    reliability: {
      topClass: filledBins(binProbabilities(confidence, correct)),
      positiveClass: positiveClass === undefined ? null : filledBins(binsOfClass(answered, positiveClass)),
    },
    confidentErrors: ids === undefined ? [] : confidentErrors(measures, classNames, ids),
  };
}
