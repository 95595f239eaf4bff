import { expect, test } from "vitest";
import { classificationEvaluation } from "../classification/classification.ts";
import { pairedComparison } from "./paired-comparison.ts";

const evaluation = classificationEvaluation({ classes: ["normal", "ill"] });

const measured = (positives: number, scoreOf: (row: number) => number) =>
  Array.from({ length: 200 }, (_, row) => {
    const p = scoreOf(row);
    return evaluation.measure(row < positives ? 1 : 0, { probabilities: [1 - p, p] });
  });

test("on one positive case no difference is certain: neither an interval nor a p-value", () => {
  const good = measured(1, (row) => (row === 0 ? 0.9 : (row % 50) / 100));
  const bad = measured(1, (row) => (row === 0 ? 0.1 : (row % 50) / 100));
  const { rocAuc } = pairedComparison(evaluation, good, bad, { resamples: 200 });
  expect(rocAuc!.difference).toMatchObject({ lower: null, upper: null, reason: "no interval: it rests on 1 case" });
  expect(rocAuc!.difference.value).toBeGreaterThan(0.7);
  expect(rocAuc!.pValue).toBeNull();
});

test("on enough cases it has both", () => {
  const good = measured(100, (row) => (row < 100 ? 0.4 : 0.2) + ((row * 37) % 100) / 200);
  const bad = measured(100, (row) => 0.2 + ((row * 37) % 100) / 200);
  const { rocAuc } = pairedComparison(evaluation, good, bad, { resamples: 200 });
  expect(rocAuc!.difference.lower).toBeGreaterThan(0);
  expect(rocAuc!.pValue).toBeLessThan(0.05);
});
