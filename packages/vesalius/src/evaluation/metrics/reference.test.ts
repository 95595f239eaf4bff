import { describe, expect, test } from "vitest";
import { z } from "zod";
import { expectMetric, type MetricCase, metricCases } from "../../testing/metric-cases.node.ts";
import { cohenKappa, matthewsCorrelation } from "./agreement.ts";
import { expectedCalibrationError } from "./calibration.ts";
import { accuracy, balancedAccuracy, confusionMatrix, type ConfusionMatrix } from "./confusion.ts";
import { precisionRecallF1 } from "./precision-recall-f1.ts";
import { averagePrecision, averagePrecisionMultilabel, precisionRecallCurve } from "./precision-recall.ts";
import { rocAucMultilabel, rocAucOneVsOne, rocAucOneVsRest } from "./roc-multiclass.ts";
import { rocAuc } from "./roc.ts";
import { brierScore, brierScoreMulticlass, logLoss } from "./scoring-rules.ts";

const column = z.array(z.number());
const block = z.array(z.array(z.number()));
const labelsOf = (one: MetricCase) => column.parse(one.inputs["y_true"]);
const scoresOf = (one: MetricCase) => column.parse(one.inputs["y_score"]);
const matrixOf = (one: MetricCase) => confusionMatrix(labelsOf(one), column.parse(one.inputs["y_pred"]));

function classScoresOf(one: MetricCase) {
  const rows = block.parse(one.inputs["y_score"]);
  return { labels: labelsOf(one), probabilities: rows.flat(), classes: rows[0]!.length };
}

function multilabelOf(one: MetricCase) {
  const rows = block.parse(one.inputs["y_true"]);
  return { labels: rows.flat(), scores: block.parse(one.inputs["y_score"]).flat(), findings: rows[0]!.length };
}

describe("scikit-learn 1.2.1 gives the same", () => {
  test.each(metricCases("roc_auc"))("ROC AUC: $id", (one) => {
    const kinds: Record<string, () => number> = {
      binary: () => rocAuc(labelsOf(one), scoresOf(one)),
      "multiclass ovr macro": () => rocAucOneVsRest(classScoresOf(one), "macro"),
      "multiclass ovr weighted": () => rocAucOneVsRest(classScoresOf(one), "weighted"),
      "multiclass ovo macro": () => rocAucOneVsOne(classScoresOf(one)),
      "multilabel macro": () => rocAucMultilabel(multilabelOf(one), "macro"),
      "multilabel micro": () => rocAucMultilabel(multilabelOf(one), "micro"),
    };
    expectMetric(kinds[z.string().parse(one.options["kind"])]!, one.expected);
  });

  test.each(metricCases("average_precision"))("average precision: $id", (one) => {
    const kind = z.string().parse(one.options["kind"]);
    expectMetric(() => {
      if (kind === "multilabel macro") return averagePrecisionMultilabel(multilabelOf(one));
      if (kind === "binary") return averagePrecision(labelsOf(one), scoresOf(one));
      expect(kind).toMatch(/trapezoid/);
      const { recall, precision } = precisionRecallCurve(labelsOf(one), scoresOf(one));
      return recall.reduce(
        (area, value, i) => (i === 0 ? 0 : area + ((value - recall[i - 1]!) * (precision[i]! + precision[i - 1]!)) / 2),
        0,
      );
    }, one.expected);
  });

  test.each(metricCases("balanced_accuracy"))("balanced accuracy: $id", (one) => {
    expectMetric(() => balancedAccuracy(matrixOf(one)), one.expected);
  });

  test.each(metricCases("f1"))("precision, recall, F1, accuracy, confusion matrix: $id", (one) => {
    const expected = z.record(z.string(), z.unknown()).parse(one.expected);
    const matrix = matrixOf(one);
    for (const average of ["macro", "micro", "weighted"] as const) {
      for (const figure of ["precision", "recall", "f1"] as const) {
        expectMetric(() => precisionRecallF1(matrix, average)[figure], expected[`${average}_${figure}`]);
      }
    }
    expectMetric(() => accuracy(matrix), expected["accuracy"]);
    expect(occurring(matrix)).toEqual(expected["confusion_matrix"]);
  });

  test.each(metricCases("mcc"))("Matthews correlation: $id", (one) => {
    expectMetric(() => matthewsCorrelation(matrixOf(one)), one.expected);
  });

  test.each(metricCases("cohen_kappa"))("Cohen's kappa: $id", (one) => {
    const expected = z.record(z.string(), z.unknown()).parse(one.expected);
    expectMetric(() => cohenKappa(matrixOf(one)), expected["unweighted"]);
    expectMetric(() => cohenKappa(matrixOf(one), "linear"), expected["linear"]);
    expectMetric(() => cohenKappa(matrixOf(one), "quadratic"), expected["quadratic"]);
  });

  test.each(metricCases("brier"))("Brier score: $id", (one) => {
    const binary = one.options["kind"] === "binary";
    expectMetric(
      () => (binary ? brierScore(labelsOf(one), scoresOf(one)) : brierScoreMulticlass(classScoresOf(one))),
      one.expected,
    );
  });

  test.each(metricCases("log_loss"))("logarithmic loss: $id", (one) => {
    expectMetric(() => logLoss(labelsOf(one), scoresOf(one)), one.expected);
  });
});

describe("gpleiss/temperature_scaling gives the same", () => {
  test.each(metricCases("ece"))("expected calibration error: $id", (one) => {
    const logits = block.parse(one.inputs["logits"]);
    const probabilities = Float32Array.from(logits.flatMap((row) => softmax(row)));
    const scores = { labels: column.parse(one.inputs["labels"]), probabilities, classes: logits[0]!.length };
    expectMetric(() => expectedCalibrationError(scores, z.number().parse(one.inputs["n_bins"])), one.expected);
  });
});

/** The fixture lists only classes that occur or are answered. */
function occurring({ classes, counts }: ConfusionMatrix): number[][] {
  const all = Array.from({ length: classes }, (_, i) => i);
  const seen = all.filter((i) => all.some((j) => counts[i * classes + j]! + counts[j * classes + i]! > 0));
  return seen.map((row) => seen.map((column) => counts[row * classes + column]!));
}

function softmax(row: readonly number[]): number[] {
  const exponentials = row.map((value) => Math.exp(value - Math.max(...row)));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}
