import { cohenKappa, matthewsCorrelation } from "../metrics/agreement.ts";
import { binProbabilities, calibrationErrorOfBins, countBins, topClassConfidence } from "../metrics/calibration.ts";
import { accuracy, balancedAccuracy, classCounts, countConfusion, type ClassCounts } from "../metrics/confusion.ts";
import { sensitivityAtSpecificityOfCounts } from "../metrics/operating-point.ts";
import { meanClassError, meanClassErrorMacro } from "../metrics/ordinal.ts";
import { precisionRecallF1OfClass, specificityOfClass } from "../metrics/precision-recall-f1.ts";
import { averagePrecisionOfCounts } from "../metrics/precision-recall.ts";
import { countRanking, type RankedCounts } from "../metrics/ranking.ts";
import { rankOneVsRest, rocAucOneVsOneStatistic } from "../metrics/roc-multiclass.ts";
import { rocAucOfCounts } from "../metrics/roc.ts";
import { brierLosses, logLosses } from "../metrics/scoring-rules.ts";
import { weightedMean } from "../metrics/weighted-mean.ts";
import type { Statistic } from "../evaluation.ts";
import { scoresOf, type ClassificationMeasure, type ClassRoles } from "./measure.ts";
import type { MetricName } from "./metrics.ts";

type Numbers = Partial<Record<MetricName, number>>;

/** The specificity at which sensitivity is reported. */
export const reportedSpecificity = 0.9;

/** Beyond so many classes their pairs take too long. */
const mostClassesOneVsOne = 20;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Metrics of one class against the rest. */
function classNumbers(ranked: RankedCounts, answers: ClassCounts): Numbers {
  const support = answers.truePositives + answers.falseNegatives;
  const others = answers.trueNegatives + answers.falsePositives;
  // An average over no cases would be an invented number.
  const ofCases = (value: number) => (support > 0 ? value : NaN);
  const { precision, recall, f1 } = precisionRecallF1OfClass(answers);
  return {
    rocAuc: rocAucOfCounts(ranked),
    averagePrecision: ofCases(averagePrecisionOfCounts(ranked)),
    sensitivity: ofCases(recall),
    specificity: others > 0 ? specificityOfClass(answers) : NaN,
    sensitivityAtSpecificity: sensitivityAtSpecificityOfCounts(ranked, reportedSpecificity),
    precision: ofCases(precision),
    f1: ofCases(f1),
  };
}

/** Calibration of the most probable class over the cases that were answered. */
function calibrationStatistic(scores: ReturnType<typeof scoresOf>): (weights?: ArrayLike<number>) => number {
  const { confidence, correct } = topClassConfidence(scores);
  const bins = binProbabilities(confidence, correct);
  const answered = Float64Array.from(scores.predicted, (predicted) => (predicted < scores.classes ? 1 : 0));
  if (answered.every(Boolean)) return (weights) => calibrationErrorOfBins(countBins(bins, weights));
  return (weights) =>
    calibrationErrorOfBins(countBins(bins, weights ? answered.map((one, row) => one * weights[row]!) : answered));
}

/**
 * Metrics of a classification and of each class against the rest. Prepares everything that does not depend on the weights
 * (orders of scores, losses, bins), so that each resample is a few linear passes. A case without an answer counts as
 * wrong, with equal probabilities, and is left out of the calibration error.
 */
export function classificationStatistic(
  measures: readonly ClassificationMeasure[],
  { classes: names, positiveClass, ordered }: ClassRoles,
): Statistic {
  const classes = names.length;
  const binary = classes === 2;
  const scores = scoresOf(measures, classes);
  const { labels, predicted } = scores;
  const rankings = names.map((_, index) => rankOneVsRest(scores, index));
  const scratch = rankings.map((ranking) => countRanking(ranking));
  // Half of the multi-class definition is the familiar binary score, from 0 to 1.
  const brier = brierLosses(scores).map((loss) => (binary ? loss / 2 : loss));
  const logarithmic = logLosses(scores);
  const calibrationError = calibrationStatistic(scores);
  const oneVsOne = !binary && classes <= mostClassesOneVsOne ? rocAucOneVsOneStatistic(scores) : undefined;
  // What was not answered is one more predicted class, which no case has; of grades it lies beyond the last.
  const answers = predicted.some((index) => index === classes) ? classes + 1 : classes;

  return (weights) => {
    const ranked = rankings.map((ranking, index) => countRanking(ranking, weights, scratch[index]));
    const matrix = countConfusion(labels, predicted, answers, weights);
    const counts = classCounts(matrix).slice(0, classes);
    const perClass = counts.map((one, index) => classNumbers(ranked[index]!, one));
    const supports = ranked.map(({ positives }) => positives);
    const present = supports.filter((support) => support > 0).length;
    // Means over classes are comparable between models and subgroups only where they run over the same classes.
    const ofAllClasses = (value: number) => (present === classes ? value : NaN);
    const ofSeveralClasses = (value: number) => (present > 1 ? value : NaN);
    const overall: Numbers = {
      ...(positiveClass === undefined ? {} : perClass[positiveClass]),
      ...(binary ? {} : meansOverClasses()),
      accuracy: accuracy(matrix),
      balancedAccuracy: ofAllClasses(balancedAccuracy(matrix)),
      matthewsCorrelation: ofSeveralClasses(matthewsCorrelation(matrix)),
      cohenKappa: ofSeveralClasses(cohenKappa(matrix)),
      ...(ordered ? ofGrades() : {}),
      brierScore: weightedMean(brier, weights),
      logLoss: weightedMean(logarithmic, weights),
      expectedCalibrationError: calibrationError(weights),
    };
    return {
      metrics: overall,
      parts: Object.fromEntries(names.map((name, index) => [name, perClass[index]!])),
    };

    function ofGrades(): Numbers {
      return {
        quadraticKappa: ofSeveralClasses(cohenKappa(matrix, "quadratic")),
        meanClassError: meanClassError(matrix),
        meanClassErrorMacro: ofAllClasses(meanClassErrorMacro(matrix)),
      };
    }

    function meansOverClasses(): Numbers {
      const ratios = counts.map(precisionRecallF1OfClass);
      const macro = (key: "precision" | "recall" | "f1") => ofAllClasses(mean(ratios.map((one) => one[key])));
      const weighted = (values: readonly number[]) => weightedMean(values, supports);
      return {
        rocAuc: mean(perClass.map((one) => one.rocAuc!)),
        rocAucWeighted: weighted(perClass.map((one) => one.rocAuc!)),
        ...(oneVsOne === undefined ? {} : { rocAucOneVsOne: oneVsOne(weights) }),
        averagePrecision: mean(perClass.map((one) => one.averagePrecision!)),
        macroPrecision: macro("precision"),
        macroRecall: macro("recall"),
        macroF1: macro("f1"),
        weightedPrecision: weighted(ratios.map(({ precision }) => precision)),
        weightedF1: weighted(ratios.map(({ f1 }) => f1)),
      };
    }
  };
}

/**
 * What answering every case with the class frequencies scores: the least that a model must beat.
 *
 * @param classCounts cases of each class.
 */
export function classificationFloors(classCounts: readonly number[], positiveClass: number | undefined): Numbers {
  const total = classCounts.reduce((sum, count) => sum + count, 0);
  const shares = classCounts.map((count) => count / total);
  const impurity = 1 - shares.reduce((sum, share) => sum + share ** 2, 0);
  const binary = shares.length === 2;
  return {
    rocAuc: 0.5,
    ...(binary ? {} : { rocAucWeighted: 0.5, rocAucOneVsOne: 0.5, macroRecall: 1 / shares.length }),
    averagePrecision: binary && positiveClass !== undefined ? shares[positiveClass]! : 1 / shares.length,
    accuracy: Math.max(...shares),
    balancedAccuracy: 1 / shares.length,
    ...(positiveClass === undefined ? {} : { sensitivityAtSpecificity: 1 - reportedSpecificity }),
    matthewsCorrelation: 0,
    cohenKappa: 0,
    brierScore: binary ? impurity / 2 : impurity,
    logLoss: shares.reduce((sum, share) => sum - (share > 0 ? share * Math.log(share) : 0), 0),
  };
}
