import { type ClassificationReport } from "./report.ts";
import { binProbabilities, countBins, topClassConfidence, type BinnedProbabilities } from "../metrics/calibration.ts";
import { precisionRecallCurveOfCounts } from "../metrics/precision-recall.ts";
import { countRanking } from "../metrics/ranking.ts";
import { rankOneVsRest, type ClassScores } from "../metrics/roc-multiclass.ts";
import { rocCurveOfCounts } from "../metrics/roc.ts";
import { thinCurve } from "../statistics/thin-curve.ts";

const pointsPerCurve = 200;
const numberOfErrors = 20;

/** Coordinates to five decimals: finer than any plot, and a third of the file. */
const rounded = (values: readonly number[]): number[] => values.map((value) => Math.round(value * 1e5) / 1e5);

/** ROC and precision-recall curve of one class against the rest; none where it has no case or no other case. */
export function curveOf(scores: ClassScores, index: number, className: string): ClassificationReport["curves"] {
  const ranking = rankOneVsRest(scores, index);
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

/** Reliability of the most probable class and, where one is singled out, of the positive class. */
export function reliabilityOf(
  scores: ClassScores,
  positiveClass: number | undefined,
): ClassificationReport["reliability"] {
  const { confidence, correct } = topClassConfidence(scores);
  return {
    topClass: filledBins(binProbabilities(confidence, correct)),
    positiveClass: positiveClass === undefined ? null : filledBins(binsOfClass(scores, positiveClass)),
  };
}

/** The mistakes in which the model was most confident, worst first. */
export function confidentErrors(
  scores: ClassScores,
  predicted: Int32Array,
  classNames: readonly string[],
  ids: readonly string[],
): ClassificationReport["confidentErrors"] {
  const confidenceOf = (row: number) => scores.probabilities[row * scores.classes + predicted[row]!]!;
  return ids
    .map((id, row) => ({ id, row }))
    .filter(({ row }) => scores.labels[row] !== predicted[row])
    .sort((a, b) => confidenceOf(b.row) - confidenceOf(a.row))
    .slice(0, numberOfErrors)
    .map(({ id, row }) => ({
      id,
      trueClass: classNames[scores.labels[row]!]!,
      predictedClass: classNames[predicted[row]!]!,
      confidence: confidenceOf(row),
    }));
}
