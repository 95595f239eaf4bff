import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { formatEstimate, htmlReport } from "../../report/index.ts";
import { classificationEvaluation } from "../classification/classification.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import type { Evaluation } from "../evaluation.ts";
import { evaluationSections } from "./evaluation-sections.ts";
import { pairedSections } from "./paired-section.ts";

const random = randomStream(2, "report");

/** Two hundred cases, answered by a logit that follows the class. */
function answered<Measure>(
  evaluation: Evaluation<number, { probabilities: number[] }, Measure>,
  classes: number,
): Measure[] {
  return Array.from({ length: 200 }, (_, row) => {
    const logits = Array.from({ length: classes }, (_, c) => Math.exp(random.normal() + (c === row % classes ? 1 : 0)));
    const sum = logits.reduce((a, b) => a + b);
    return evaluation.measure(row % classes, { probabilities: logits.map((logit) => logit / sum) });
  });
}

describe("evaluationSections", () => {
  const binary = classificationEvaluation({ classes: ["normal", "<b>pneumonia</b>"] });
  const measures = answered(binary, 2);
  const report = evaluateMeasures(binary, measures, {
    attributes: { site: measures.map((_, row) => (row < 5 ? "tiny" : row < 100 ? "north" : "south")) },
    ids: measures.map((_, row) => `<i>${row}`),
    resamples: 60,
    withoutTruth: 4,
  });

  it("show every metric with its interval, what no skill scores, and how the cases were counted", async () => {
    const page = await htmlReport({ title: "Pneumonia", sections: evaluationSections(binary, report) });
    for (const estimate of Object.values(report.metrics)) expect(page).toContain(formatEstimate(estimate));
    expect(page).toContain("no skill 0.500");
    expect(page).toContain("200 cases: normal 100,");
    expect(page).toContain("4 more have no known truth and were left out.");
    expect(page).toContain("tiny: too few cases (5, at least 20 are needed).");
    expect(page).toContain("Largest gap in ROC AUC");
    expect(page).toContain("&lt;b&gt;pneumonia&lt;/b&gt;");
    expect(page).not.toMatch(/<b>|<i>/);
  });

  it("hold a metric against a published value where there is one", () => {
    const [headline] = evaluationSections(binary, report, {
      comparisons: { rocAuc: { label: "ResNet-18", value: 0.944 } },
    });
    expect(headline).toMatchObject({
      entries: [
        { label: "ROC AUC", comparison: { label: "ResNet-18", value: 0.944 } },
        { label: "Average precision", comparison: { label: "no skill", value: 0.5 } },
        {},
        {},
        { label: "Expected calibration error" },
      ],
    });
  });

  it("say why a metric is not defined, and how little few cases tell", async () => {
    const absent = classificationEvaluation({ classes: ["normal", "pneumonia", "tuberculosis"] });
    const some = answered(absent, 3).filter(({ label }) => label < 2);
    const few = evaluateMeasures(absent, some.slice(0, 7), { resamples: 20 });
    const page = await htmlReport({ title: "t", sections: evaluationSections(absent, few) });
    expect(page).toContain("no case of tuberculosis");
    expect(page).toContain("only 7 cases; Wilson&#39;s interval");
  });

  it("name the class that a metric is about where there are several, and not in the row of another class", () => {
    const three = classificationEvaluation({ classes: ["nv", "bkl", "mel"], positiveClass: "mel" });
    const some = answered(three, 3);
    const attributes = { site: some.map((_, row) => (row < 100 ? "north" : "south")) };
    const sections = evaluationSections(three, evaluateMeasures(three, some, { resamples: 20, attributes }));
    expect(sections[0]).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ label: "Sensitivity at 90% specificity, mel" })]),
    });
    const tables = sections.filter(({ kind }) => kind === "table");
    expect(JSON.stringify(tables[0])).toContain("Specificity, mel");
    expect(JSON.stringify(tables[1])).toContain("Specificity");
    expect(JSON.stringify(tables[1])).not.toContain("Specificity, mel");
    expect(sections).toContainEqual(expect.objectContaining({ kind: "forest", title: "Sensitivity, mel by site" }));
  });

  it("write units behind numbers, and no percentage of what is none", async () => {
    const distances: Evaluation<number, number, number, null> = {
      kind: "distances",
      metrics: {
        distance: { label: "HD95", better: "lower", range: [0, Infinity], unit: "mm", meaning: "Distance." },
      },
      headline: ["distance"],
      measure: (truth, answer) => Math.abs(truth - (answer ?? 0)),
      statistic: (values) => (weights) => ({
        metrics: {
          distance: values.reduce((sum, value, row) => sum + value * (weights?.[row] ?? 1), 0) / values.length,
        },
      }),
      floors: () => ({ distance: 12.5 }),
      details: classificationEvaluation({ classes: ["a", "b"] }).details as never,
      describe: () => null,
      sections: () => [],
    };
    const values = Array.from({ length: 50 }, () => 2 + random.uniform());
    const sections = evaluationSections(distances, evaluateMeasures(distances, values, { resamples: 50 }));
    const page = await htmlReport({ title: "t", sections });
    expect(page).toMatch(/2\.\d{3} \(2\.\d{3}–2\.\d{3}\)\u00a0mm/);
    expect(page).toContain("12.50\u00a0mm");
    expect(page).toContain("Lower is better.");
  });
});

describe("pairedSections", () => {
  it("say in which direction a difference is good, and what it rests on", () => {
    const distance = { label: "HD95", better: "lower", range: [0, Infinity], unit: "mm", meaning: "" } as const;
    const difference = { value: -1.25, lower: -2, upper: -0.5, caution: "only 12 cases" };
    const overCases = { first: 3, second: 4.25, difference, pValue: 0.01 };
    const [table] = pairedSections([{ method: "lora", reference: "scratch", overSeeds: null, overCases }], distance);
    expect(table).toMatchObject({
      title: "Difference in HD95 to scratch, paired",
      rows: [["lora", "−1.250 (−2.000 to −0.500)\u00a0mm; only 12 cases", "0.010"]],
      note: expect.stringContaining("Below 0 is better.") as string,
    });
    expect(pairedSections([], distance)).toEqual([]);
  });
});
