import { cohenKappa, matthewsCorrelation } from "../metrics/agreement.ts";
import { binProbabilities, calibrationErrorOfBins, countBins, topClassConfidence } from "../metrics/calibration.ts";
import {
  accuracy,
  balancedAccuracy,
  classCounts,
  countConfusion,
  predictedClasses,
  type ClassCounts,
} from "../metrics/confusion.ts";
import { sensitivityAtSpecificityOfCounts } from "../metrics/operating-point.ts";
import { precisionRecallF1, precisionRecallF1OfClass, specificityOfClass } from "../metrics/precision-recall-f1.ts";
import { averagePrecisionOfCounts } from "../metrics/precision-recall.ts";
import { countRanking, type RankedCounts } from "../metrics/ranking.ts";
import { rankOneVsRest, rocAucOneVsOneStatistic, type ClassScores } from "../metrics/roc-multiclass.ts";
import { rocAucOfCounts } from "../metrics/roc.ts";
import { brierLosses, logLosses } from "../metrics/scoring-rules.ts";
import { weightedMean } from "../metrics/weighted-mean.ts";
import { type MetricName } from "../metric-names.ts";

/** Numbers by metric name, NaN where the cases do not define a metric. */
export type Numbers = Partial<Record<MetricName, number>>;

/** Estimates of a whole task and of each class for given weights of the cases. */
export type ClassificationStatistics = (weights?: ArrayLike<number>) => {
  readonly overall: Numbers;
  readonly perClass: readonly Numbers[];
};

/** What is to be reckoned. */
export interface StatisticsOptions extends ClassScores {
  /** Class singled out as positive. */
  readonly positiveClass: number | undefined;
  /** Whether the order of the classes means something (grades): adds quadratic kappa. */
  readonly ordered: boolean;
  /** Whether to reckon one-vs-one ROC AUC, whose cost grows with the square of the number of classes. */
  readonly oneVsOne: boolean;
}

/** The specificity at which sensitivity is reported. */
export const reportedSpecificity = 0.9;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Estimates of one class against the rest. */
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

/**
 * Prepares everything that does not depend on the weights (orders of scores, predicted classes, losses, bins), so that
 * each resample is a few linear passes. The cases must have been checked.
 */
export function classificationStatistics(options: StatisticsOptions): ClassificationStatistics {
  const { labels, probabilities, classes, positiveClass } = options;
  const binary = classes === 2;
  const rankings = Array.from({ length: classes }, (_, index) => rankOneVsRest(options, index));
  const scratch = rankings.map((ranking) => countRanking(ranking));
  const predicted = predictedClasses(probabilities, classes);
  // Half of the multi-class definition is the familiar binary score, from 0 to 1.
  const brier = brierLosses(options).map((loss) => (binary ? loss / 2 : loss));
  const logarithmic = logLosses(options);
  const { confidence, correct } = topClassConfidence(options);
  const bins = binProbabilities(confidence, correct);
  const oneVsOne = options.oneVsOne && !binary ? rocAucOneVsOneStatistic(options) : undefined;

  return (weights) => {
    const ranked = rankings.map((ranking, index) => countRanking(ranking, weights, scratch[index]));
    const matrix = countConfusion(labels, predicted, classes, weights);
    const perClass = classCounts(matrix).map((answers, index) => classNumbers(ranked[index]!, answers));
    const present = ranked.filter((counts) => counts.positives > 0).length;
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
      ...(options.ordered ? { quadraticKappa: ofSeveralClasses(cohenKappa(matrix, "quadratic")) } : {}),
      brierScore: weightedMean(brier, weights),
      logLoss: weightedMean(logarithmic, weights),
      expectedCalibrationError: calibrationErrorOfBins(countBins(bins, weights)),
    };
    return { overall, perClass };

    function meansOverClasses(): Numbers {
      const macro = precisionRecallF1(matrix, "macro");
      const weighted = precisionRecallF1(matrix, "weighted");
      return {
        rocAuc: mean(perClass.map((one) => one.rocAuc!)),
        rocAucWeighted: weightedMean(
          perClass.map((one) => one.rocAuc!),
          ranked.map((counts) => counts.positives),
        ),
        ...(oneVsOne === undefined ? {} : { rocAucOneVsOne: oneVsOne(weights) }),
        averagePrecision: mean(perClass.map((one) => one.averagePrecision!)),
        macroPrecision: ofAllClasses(macro.precision),
        macroRecall: ofAllClasses(macro.recall),
        macroF1: ofAllClasses(macro.f1),
        weightedPrecision: weighted.precision,
        weightedF1: weighted.f1,
      };
    }
  };
}

/**
 * What answering every case with the class frequencies scores: the least that a model must beat.
 *
 * @param classCounts cases of each class.
 */
export function floorsOf(classCounts: readonly number[], positiveClass: number | undefined): Numbers {
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
