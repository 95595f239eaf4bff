import type { Metric } from "../evaluation.ts";

const share = [0, 1] as const;
const correlation = [-1, 1] as const;

/**
 * The metrics of a classification report, in the order in which they are shown. Recall weighted by frequency and all
 * micro averages equal accuracy where each case has one class, so they are not listed again.
 */
export const metricDescriptions = {
  rocAuc: {
    label: "ROC AUC",
    better: "higher",
    range: share,
    aliases: ["auc", "roc auc", "roc-auc", "auroc", "macro auc"],
    proportion: true,
    meaning: "Chance that a case of the class scores above a case without it; the mean over classes for several.",
  },
  rocAucWeighted: {
    label: "ROC AUC, weighted",
    better: "higher",
    range: share,
    aliases: ["weighted auc"],
    proportion: true,
    meaning: "One-vs-rest ROC AUC, each class weighted by how often it occurs.",
  },
  rocAucOneVsOne: {
    label: "ROC AUC, one-vs-one",
    better: "higher",
    range: share,
    proportion: true,
    meaning: "Mean ROC AUC over all pairs of classes; does not depend on how frequent they are.",
  },
  averagePrecision: {
    label: "Average precision",
    better: "higher",
    range: share,
    aliases: ["auprc", "aupr"],
    meaning: "Area under the precision-recall curve; the mean over classes for several.",
  },
  accuracy: {
    label: "Accuracy",
    better: "higher",
    range: share,
    aliases: ["acc"],
    proportion: "share",
    meaning: "Share of cases whose most probable class is the true one.",
  },
  balancedAccuracy: {
    label: "Balanced accuracy",
    better: "higher",
    range: share,
    proportion: "share",
    meaning: "Mean recall over the classes.",
  },
  sensitivity: {
    label: "Sensitivity",
    better: "higher",
    range: share,
    aliases: ["recall", "true positive rate"],
    proportion: "share",
    meaning: "Share of the cases of the class that are recognised as such (recall).",
  },
  specificity: {
    label: "Specificity",
    better: "higher",
    range: share,
    aliases: ["true negative rate"],
    proportion: "share",
    meaning: "Share of the cases without the class that are not taken for it.",
  },
  sensitivityAtSpecificity: {
    label: "Sensitivity at 90% specificity",
    better: "higher",
    range: share,
    proportion: "share",
    meaning: "Highest sensitivity of any threshold with a specificity of at least 90% on these cases.",
  },
  precision: {
    label: "Precision",
    better: "higher",
    range: share,
    aliases: ["positive predictive value"],
    proportion: "share",
    meaning: "Share of the cases taken for the class that belong to it (positive predictive value).",
  },
  f1: { label: "F1", better: "higher", range: share, meaning: "Harmonic mean of precision and sensitivity." },
  macroPrecision: {
    label: "Precision, macro",
    better: "higher",
    range: share,
    aliases: ["macro-precision"],
    meaning: "Mean precision over the classes.",
  },
  macroRecall: {
    label: "Recall, macro",
    better: "higher",
    range: share,
    aliases: ["macro-recall"],
    proportion: "share",
    meaning: "Mean recall over the classes.",
  },
  macroF1: {
    label: "F1, macro",
    better: "higher",
    range: share,
    aliases: ["macro-f1"],
    meaning: "Mean F1 over the classes.",
  },
  weightedPrecision: {
    label: "Precision, weighted",
    better: "higher",
    range: share,
    meaning: "Precision of each class weighted by how often it occurs.",
  },
  weightedF1: {
    label: "F1, weighted",
    better: "higher",
    range: share,
    aliases: ["weighted-f1"],
    meaning: "F1 of each class weighted by how often it occurs.",
  },
  matthewsCorrelation: {
    label: "Matthews correlation",
    better: "higher",
    range: correlation,
    aliases: ["mcc"],
    meaning: "Correlation of true and predicted classes, from −1 to 1.",
  },
  cohenKappa: {
    label: "Cohen's kappa",
    better: "higher",
    range: correlation,
    aliases: ["kappa"],
    meaning: "Agreement beyond chance, from −1 to 1.",
  },
  quadraticKappa: {
    label: "Cohen's kappa, quadratic",
    better: "higher",
    range: correlation,
    aliases: ["quadratic weighted kappa", "qwk"],
    meaning: "Agreement beyond chance in which a distant grade costs the square of the distance.",
  },
  meanClassError: {
    label: "Mean error in grades",
    better: "lower",
    range: [0, Infinity],
    aliases: ["mean absolute error", "mae"],
    meaning: "By how many grades answers are off, on average.",
  },
  meanClassErrorMacro: {
    label: "Mean error in grades, macro",
    better: "lower",
    range: [0, Infinity],
    meaning: "The same averaged over the grades, so that a rare one counts as much as a frequent one.",
  },
  brierScore: {
    label: "Brier score",
    better: "lower",
    range: [0, 2],
    meaning: "Mean squared distance of the probabilities from the outcome.",
  },
  logLoss: {
    label: "Log loss",
    better: "lower",
    range: [0, Infinity],
    aliases: ["cross-entropy"],
    meaning: "Mean negative logarithm of the true class's probability, in nats.",
  },
  expectedCalibrationError: {
    label: "Expected calibration error",
    better: "lower",
    range: share,
    aliases: ["ece"],
    meaning: "Mean gap between the confidence in the most probable class and how often it is right, over 15 bins.",
  },
} as const satisfies Record<string, Metric>;

/** Name of a metric of a classification. */
export type MetricName = keyof typeof metricDescriptions;

/** All metric names, in the order of a report. */
export const metricNames = Object.keys(metricDescriptions) as [MetricName, ...MetricName[]];
