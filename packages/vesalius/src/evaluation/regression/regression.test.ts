import { describe, expect, it } from "vitest";
import { z } from "zod";
import { randomStream } from "../../common/random.ts";
import { columnOf, expectedOf, expectMetric, metricCases } from "../../testing/metric-cases.node.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { expectSound } from "../evaluation.test.helper.ts";
import { pairedComparison } from "../statistics/paired-comparison.ts";
import { regressionEvaluation } from "./regression.ts";

const age = regressionEvaluation({ targets: [{ name: "age", unit: "years" }] });
const random = randomStream(4, "ages");
const truths = Array.from({ length: 150 }, () => 20 + 60 * random.uniform());
/** Answers that follow the truth by a slope, with noise. */
const answers = (slope: number, noise: number) =>
  truths.map((truth) => 50 + slope * (truth - 50) + noise * random.normal());
const measured = (predicted: readonly number[]) => truths.map((truth, row) => age.measure([truth], [predicted[row]!]));

const valueOf = (report: ReturnType<typeof evaluateMeasures>, name: string): number => report.metrics[name]!.value!;

describe("regressionEvaluation", () => {
  it("gives a sound report, with the target's unit", async () => {
    const report = await expectSound(age, measured(answers(0.9, 4)));
    expect(age.metrics["rootMeanSquaredError"]!.unit).toBe("years");
    expect(age.metrics["meanSquaredError"]!.unit).toBe("years²");
    expect(report.breakdown).toEqual([]);
    expect(report.details.targets[0]!.points.truth).toHaveLength(150);
    expect(report.details.largestErrors[0]!.id).toMatch(/^secret-/);
  });

  it("is honest: worse answers score worse, and reversed ones fall below the floor", () => {
    const [good, poor, reversed] = [answers(1, 3), answers(1, 12), answers(-1, 3)].map((predicted) =>
      evaluateMeasures(age, measured(predicted), { resamples: 20 }),
    );
    for (const name of ["r2", "pearson", "spearman", "kendall", "concordanceIndex"]) {
      expect(valueOf(good!, name), name).toBeGreaterThan(valueOf(poor!, name));
      expect(valueOf(poor!, name), name).toBeGreaterThan(poor!.floors[name]!);
      expect(valueOf(reversed!, name), name).toBeLessThan(reversed!.floors[name]!);
    }
    for (const name of ["rootMeanSquaredError", "meanAbsoluteError", "medianAbsoluteError"]) {
      expect(valueOf(good!, name), name).toBeLessThan(valueOf(poor!, name));
      expect(valueOf(good!, name), name).toBeLessThan(good!.floors[name]!);
      expect(valueOf(reversed!, name), name).toBeGreaterThan(reversed!.floors[name]!);
    }
  });

  it("scores a case without an answer as no skill, never better", () => {
    const good = measured(answers(1, 3));
    const silent = truths.map((truth) => age.measure([truth], null));
    const { metrics, floors } = evaluateMeasures(age, silent, { resamples: 5 });
    expect(metrics["rootMeanSquaredError"]!.value).toBeCloseTo(floors["rootMeanSquaredError"]!, 12);
    expect(metrics["r2"]!.value).toBeCloseTo(0, 12);
    expect(metrics["spearman"]).toMatchObject({ value: null });
    const some = good.map((measure, row) => (row % 5 === 0 ? silent[row]! : measure));
    const { rootMeanSquaredError } = pairedComparison(age, good, some, { resamples: 50 });
    expect(rootMeanSquaredError!.difference.upper!).toBeLessThan(0);
  });

  it("shows values of single cases only where cases may be named", () => {
    const { details } = evaluateMeasures(age, measured(answers(1, 3)), { resamples: 2 });
    expect(details.targets[0]!.points.truth).toEqual([]);
    expect(details.largestErrors).toEqual([]);
    expect(details.targets[0]!.limitsOfAgreement![0]).toBeLessThan(details.targets[0]!.bias!);
  });

  it("keeps several targets apart, and leaves out what is not known", async () => {
    const drugs = regressionEvaluation({ targets: [{ name: "cisplatin" }, { name: "erlotinib" }, { name: "absent" }] });
    const measures = truths.map((truth, row) =>
      drugs.measure(
        [truth, row % 3 === 0 ? NaN : -truth, NaN],
        [truth + random.normal(), -truth + 9 * random.normal(), 1],
      ),
    );
    const report = await expectSound(drugs, measures);
    expect(report.breakdown.map(({ name, count }) => [name, count])).toEqual([
      ["cisplatin", 150],
      ["erlotinib", 100],
      ["absent", 0],
    ]);
    expect(report.metrics).not.toHaveProperty("rootMeanSquaredError");
    expect(report.metrics["r2"]!.reason).toBe("no case with a known absent");
    const two = regressionEvaluation({ targets: [{ name: "cisplatin" }, { name: "erlotinib" }] });
    const known = evaluateMeasures(
      two,
      measures.map(({ truth, predicted }) => ({ truth: truth.slice(0, 2), predicted: predicted!.slice(0, 2) })),
      { resamples: 20 },
    );
    const [first, second] = known.breakdown.map(({ metrics }) => metrics["spearman"]!.value!);
    expect(known.metrics["spearman"]!.value).toBeCloseTo((first! + second!) / 2, 12);
    expect(first!).toBeGreaterThan(second!);
  });

  it.each(metricCases("regression"))("agrees with scikit-learn: $id", (one) => {
    const column = (option: string) => columnOf(one, z.string().parse(one.options[option]));
    const [truth, predicted] = [column("y_true"), column("y_pred")];
    const { metrics } = age.statistic(truth.map((value, row) => age.measure([value], [predicted[row]!])))();
    const expected = expectedOf(one);
    const names = {
      r2: "r2",
      mae: "meanAbsoluteError",
      rmse: "rootMeanSquaredError",
      median_ae: "medianAbsoluteError",
    };
    for (const [key, name] of Object.entries(names))
      if (key in expected) expectMetric(() => metrics[name]!, expected[key], 1e-6, key);
  });

  it.each(metricCases("correlation"))("agrees with SciPy: $id", (one) => {
    const [truth, predicted] = [columnOf(one, "x"), columnOf(one, "y")];
    const { metrics } = age.statistic(truth.map((value, row) => age.measure([value], [predicted[row]!])))();
    for (const name of ["pearson", "spearman", "kendall"]) expectMetric(() => metrics[name]!, expectedOf(one)[name]);
  });

  it.each([
    ["no targets", () => regressionEvaluation({ targets: [] }), "bad-argument"],
    [
      "two targets of one name",
      () => regressionEvaluation({ targets: [{ name: "a" }, { name: "a" }] }),
      "bad-argument",
    ],
    ["an answer that is no number", () => age.measure([1], [NaN]), "not-a-number"],
    ["an infinite truth", () => age.measure([Infinity], [1]), "not-a-number"],
    ["another number of answers", () => age.measure([1], [1, 2]), "shape-mismatch"],
  ])("refuses %s", (_, evaluate, code) => {
    expect(evaluate).toThrow(expect.objectContaining({ code }));
  });
});
