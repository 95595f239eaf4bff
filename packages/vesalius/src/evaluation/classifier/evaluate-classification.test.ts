import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { classificationReportSchema, parseClassificationReport } from "./report.ts";
import { evaluateClassification } from "./evaluate-classification.ts";
import { rocAuc } from "../metrics/roc.ts";

/** Cases whose true class gets a raised logit; `skill` 0 knows nothing. */
function simulate(count: number, classes: number, skill: number, seed = 1) {
  const random = randomStream(seed, "cases");
  const labels = Int32Array.from({ length: count }, (_, row) => row % classes);
  const probabilities = new Float32Array(count * classes);
  for (let row = 0; row < count; row++) {
    const logits = Array.from({ length: classes }, (_, c) => random.normal() + (c === labels[row] ? skill : 0));
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    for (const [c, logit] of logits.entries()) probabilities[row * classes + c] = Math.exp(logit) / sum;
  }
  return { labels, probabilities, random };
}

const classNames = ["normal", "pneumonia"];

describe("evaluateClassification of two classes", () => {
  const { labels, probabilities, random } = simulate(600, 2, 1.5);
  const sex = Array.from(labels, () => (random.uniform() < 0.5 ? "female" : "male"));
  const age = Array.from(labels, () => Math.floor(random.uniform() * 95));
  const ids = Array.from(labels, (_, row) => `case-${row}`);
  const report = evaluateClassification({
    labels,
    probabilities,
    classNames,
    attributes: { sex, age },
    ids,
    resamples: 200,
  });

  test("figures lie inside their intervals, and beat their floors", () => {
    const scores = Float64Array.from(labels, (_, row) => probabilities[2 * row + 1]!);
    expect(report.figures.rocAuc?.value).toBeCloseTo(rocAuc(labels, scores), 12);
    for (const [name, { value, lower, upper }] of Object.entries(report.figures)) {
      expect(value, name).not.toBeNull();
      expect(lower!, name).toBeLessThan(upper!);
      // The calibration error is biased upwards in resamples, so its value may lie below the interval.
      if (name !== "expectedCalibrationError") expect(lower!, name).toBeLessThanOrEqual(value!);
      expect(upper!, name).toBeGreaterThanOrEqual(value!);
    }
    for (const name of ["rocAuc", "averagePrecision", "accuracy", "balancedAccuracy"] as const) {
      expect(report.figures[name]!.lower!).toBeGreaterThan(report.floors[name]!);
    }
    for (const name of ["brierScore", "logLoss"] as const) {
      expect(report.figures[name]!.upper!).toBeLessThan(report.floors[name]!);
    }
  });

  test("the singled-out class is the second, with one curve", () => {
    expect(report.positiveClass).toBe(1);
    expect(report.curves.map((curve) => curve.className)).toEqual(["pneumonia"]);
    expect(report.figures.sensitivity).toEqual(report.perClass[1]!.figures.sensitivity);
    expect(report.perClass[0]!.figures.sensitivity!.value).toBeCloseTo(report.figures.specificity!.value!, 12);
  });

  test("the confusion matrix and the bins hold every case, and curves are thin", () => {
    expect(report.confusionMatrix.flat().reduce((a, b) => a + b, 0)).toBe(600);
    expect(report.confusionMatrix.map((row) => row.reduce((a, b) => a + b, 0))).toEqual(report.classCounts);
    expect(report.reliability.topClass.reduce((sum, bin) => sum + bin.count, 0)).toBe(600);
    expect(report.reliability.positiveClass!.reduce((sum, bin) => sum + bin.count, 0)).toBe(600);
    for (const { roc, precisionRecall } of report.curves) {
      expect(roc.falsePositiveRate.length).toBeLessThanOrEqual(200);
      expect(roc.falsePositiveRate.length).toBe(roc.truePositiveRate.length);
      expect(precisionRecall.recall.length).toBeLessThanOrEqual(200);
    }
  });

  test("subgroups hold every case with a value, in clinical age bands", () => {
    const [bySex, byAge] = report.attributes;
    expect(bySex!.subgroups.map((subgroup) => subgroup.name)).toEqual(["female", "male"]);
    expect(byAge!.subgroups.map((subgroup) => subgroup.name)).toEqual([
      "under 40",
      "40 to 60",
      "60 to 80",
      "80 and over",
    ]);
    for (const attribute of report.attributes) {
      expect(attribute.subgroups.reduce((sum, subgroup) => sum + subgroup.count, 0)).toBe(600);
      const areas = attribute.subgroups.map((subgroup) => subgroup.figures.rocAuc!.value!);
      expect(attribute.largestGaps.rocAuc!.gap.value).toBeCloseTo(Math.max(...areas) - Math.min(...areas), 12);
    }
  });

  test("lists the mistakes in which the model was surest, surest first", () => {
    expect(report.confidentErrors).toHaveLength(20);
    const confidences = report.confidentErrors.map((error) => error.confidence);
    expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
    for (const { id, trueClass, predictedClass, confidence } of report.confidentErrors) {
      const row = ids.indexOf(id);
      expect(classNames[labels[row]!]).toBe(trueClass);
      expect(trueClass).not.toBe(predictedClass);
      expect(confidence).toBeGreaterThan(0.5);
    }
  });

  test("survives JSON, and the same cases give the same report", () => {
    expect(parseClassificationReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
    const again = evaluateClassification({
      labels,
      probabilities,
      classNames,
      attributes: { sex, age },
      ids,
      resamples: 200,
    });
    expect(JSON.stringify(again)).toBe(JSON.stringify(report));
  });

  test("whole patients are drawn where groups are given", () => {
    const groups = Array.from(labels, (_, row) => `patient ${row >> 3}`);
    const grouped = evaluateClassification({ labels, probabilities, classNames, groups, resamples: 50 });
    expect(grouped).toMatchObject({ groupCount: 75, resampling: { unit: "group" } });
    expect(grouped.figures.rocAuc!.value).toBe(report.figures.rocAuc!.value);
    expect(grouped.figures.rocAuc!.lower).not.toBe(report.figures.rocAuc!.lower);
  });
});

describe("evaluateClassification of several classes", () => {
  const names = ["akiec", "bcc", "mel", "nv"];

  test("has every metric, a curve per class, and the positive class where one is named", () => {
    const { labels, probabilities } = simulate(400, 4, 2);
    const report = evaluateClassification({
      labels,
      probabilities,
      classNames: names,
      positiveClass: "mel",
      orderedClasses: true,
      resamples: 100,
    });
    expect(Object.keys(report.figures)).toHaveLength(24);
    expect(report.curves).toHaveLength(4);
    expect(report.positiveClass).toBe(2);
    expect(report.figures.sensitivity).toEqual(report.perClass[2]!.figures.sensitivity);
    const mean = report.perClass.reduce((sum, one) => sum + one.figures.rocAuc!.value!, 0) / 4;
    expect(report.figures.rocAuc!.value).toBeCloseTo(mean, 12);
    expect(report.figures.macroRecall!.value).toBeCloseTo(report.figures.balancedAccuracy!.value!, 12);
  });

  test("a class without cases leaves means over classes undefined, and says so", () => {
    const { labels, probabilities } = simulate(300, 4, 2);
    const without = labels.map((label) => (label === 3 ? 0 : label));
    const report = evaluateClassification({ labels: without, probabilities, classNames: names, resamples: 20 });
    const nothing = { value: null, lower: null, upper: null, reason: "no case of nv" };
    expect(report.figures.rocAuc).toEqual(nothing);
    expect(report.figures.macroF1).toEqual(nothing);
    expect(report.perClass[3]!.figures.averagePrecision).toEqual(nothing);
    expect(report.figures.accuracy!.value).toBeGreaterThan(0.3);
    expect(report.curves).toHaveLength(3);
    expect(parseClassificationReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });
});

describe("subgroups that cannot carry a figure", () => {
  const { labels, probabilities } = simulate(200, 2, 1);
  const site = Array.from(labels, (label, row) =>
    row < 10 ? "small" : row < 100 ? (label === 1 ? "only positive" : "mixed") : row % 9 === 0 ? null : "mixed",
  );
  const report = evaluateClassification({ labels, probabilities, classNames, attributes: { site }, resamples: 100 });
  const subgroup = (name: string) => report.attributes[0]!.subgroups.find((one) => one.name === name)!;

  test("say that they are too small", () => {
    expect(subgroup("small")).toMatchObject({
      count: 10,
      figures: {},
      note: "too few cases (10, at least 20 are needed)",
    });
  });

  test("say that they hold one class, and keep what is defined", () => {
    const { figures } = subgroup("only positive");
    expect(figures.rocAuc).toEqual({ value: null, lower: null, upper: null, reason: "no case of normal" });
    expect(figures.specificity!.value).toBeNull();
    expect(figures.sensitivity!.value).toBeGreaterThan(0);
    expect(figures.accuracy!.value).toBe(figures.sensitivity!.value);
  });

  test("count the missing values, and take no part in a gap that they do not define", () => {
    expect(report.attributes[0]!.missing).toBe(site.filter((value) => value === null).length);
    expect(report.attributes[0]!.largestGaps.rocAuc).toBeUndefined();
    expect(report.attributes[0]!.largestGaps.accuracy).toBeDefined();
  });

  test("give the interval of one case where there is a single negative", () => {
    const rare = Array.from(labels, (label, row) => (row === 1 || (label === 0 && row < 80) ? "rare" : "rest"));
    const { attributes } = evaluateClassification({
      labels,
      probabilities,
      classNames,
      attributes: { rare },
      resamples: 200,
    });
    const area = attributes[0]!.subgroups[0]!.figures.rocAuc!;
    expect(area.value).not.toBeNull();
    expect(area.caution).toBe("only 1 case; Wilson's interval");
    expect(area.upper! - area.lower!).toBeGreaterThan(0.7);
  });
});

describe("refusals", () => {
  const good = {
    labels: Int32Array.of(0, 1, 0, 1),
    probabilities: Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.3, 0.7),
    classNames,
    resamples: 5,
  };
  const bad = (at: number, value: number) => good.probabilities.with(at, value);

  test.each([
    ["NaN", { probabilities: bad(3, NaN) }, "not-a-number", /probabilities, entry 3/],
    ["rows that do not sum to one", { probabilities: bad(4, 0.9) }, "bad-data", /row 2/],
    ["a negative probability", { probabilities: bad(4, -0.5) }, "bad-data", /softmax/],
    ["no cases", { labels: new Int32Array(0), probabilities: new Float32Array(0) }, "bad-data", /no cases/],
    ["one class", { labels: Int32Array.of(1, 1, 1, 1) }, "bad-data", /every case is of class pneumonia/],
    ["too few labels", { labels: Int32Array.of(0, 1) }, "shape-mismatch", /8 entries where 4/],
    ["an unlabelled case", { labels: Int32Array.of(0, 1, 0, -1) }, "bad-data", /labels, row 3/],
    ["groups of another length", { groups: ["a"] }, "shape-mismatch", /groups/],
    ["attributes of another length", { attributes: { sex: ["f"] } }, "shape-mismatch", /attribute sex/],
    ["a repeated case", { ids: ["a", "b", "c", "a"] }, "bad-data", /ids, row 3/],
    ["an unknown positive class", { positiveClass: "flu" }, "bad-argument", /normal, pneumonia/],
    ["a repeated class name", { classNames: ["a", "a"] }, "bad-argument", /classNames/],
    ["a single class name", { classNames: ["a"] }, "bad-argument", /at least two classes/],
    ["no resamples", { resamples: 0 }, "bad-argument", /resamples/],
  ])("%s", (_, change, code, message) => {
    const evaluate = () => evaluateClassification({ ...good, ...change });
    expect(evaluate).toThrow(expect.objectContaining({ code }));
    expect(evaluate).toThrow(message);
  });

  test("never name an id or a value of a patient", () => {
    const ids = ["secret", "b", "c", "secret"];
    expect(() => evaluateClassification({ ...good, ids })).not.toThrow(/secret/);
  });

  test("a file that is no report is named with its first wrong entry", () => {
    const report = evaluateClassification(good);
    const broken = { ...report, classCounts: [2, -2] };
    expect(() => parseClassificationReport(broken, "runs/a/report.json")).toThrow(
      /runs\/a\/report.json, classCounts\.1/,
    );
    expect(() => parseClassificationReport("no")).toThrow(expect.objectContaining({ code: "bad-file" }));
  });
});

test("any probabilities and labels give a report that its schema accepts", () => {
  const cases = fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 2 }),
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }),
      ),
      {
        minLength: 2,
        maxLength: 30,
      },
    )
    .filter((rows) => new Set(rows.map(([label]) => label)).size > 1);
  fc.assert(
    fc.property(cases, fc.integer({ min: 0, max: 2 }), (rows, positiveClass) => {
      const probabilities = rows.flatMap(([, logits]) => {
        const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
        return logits.map((logit) => Math.exp(logit) / sum);
      });
      const report = evaluateClassification({
        labels: Int32Array.from(rows.map(([label]) => label)),
        probabilities: Float32Array.from(probabilities),
        classNames: ["a", "b", "c"],
        positiveClass,
        resamples: 10,
        attributes: { half: rows.map((_, row) => (row % 2 === 0 ? "even" : null)) },
        minimumSubgroupSize: 3,
      });
      expect(classificationReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    }),
    { numRuns: 60 },
  );
});
