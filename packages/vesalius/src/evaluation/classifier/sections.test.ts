import { describe, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { evaluateClassification } from "./evaluate-classification.ts";
import { classificationSections } from "./sections.ts";
import { formatEstimate } from "../../report/format.ts";
import { htmlReport } from "../../report/html-report.ts";

describe("classificationSections", () => {
  const random = randomStream(2, "report");
  const classNames = ["normal", "<b>pneumonia</b>"];
  const labels = Int32Array.from({ length: 200 }, (_, row) => row % 2);
  const probabilities = Float32Array.from({ length: 400 }, () => 0);
  for (const [row, label] of labels.entries()) {
    const positive = Math.min(0.99, Math.max(0.01, 0.3 + 0.4 * label + 0.2 * random.normal()));
    probabilities.set([1 - positive, positive], 2 * row);
  }
  const sites = Array.from(labels, (_, row) => (row < 5 ? "tiny" : row < 100 ? "north" : "south"));
  const result = evaluateClassification({
    labels,
    probabilities,
    classNames,
    attributes: { site: sites },
    ids: Array.from(labels, (_, row) => `<i>${row}`),
    resamples: 60,
  });

  test("show every figure of the report with its interval, and what no skill scores", async () => {
    const page = await htmlReport({ title: "Pneumonia", sections: classificationSections(result) });
    for (const one of Object.values(result.figures)) expect(page).toContain(formatEstimate(one));
    expect(page).toContain("no skill 0.500");
    expect(page).toContain("tiny: too few cases (5, at least 20 are needed).");
    expect(page).toContain("Largest gap in ROC AUC");
    expect(page).toContain("&lt;b&gt;pneumonia&lt;/b&gt;");
    expect(page).not.toMatch(/<b>|<i>/);
    expect(page).toContain(`&lt;i&gt;${result.confidentErrors[0]!.id.slice(3)}`);
  });

  test("hold a figure against a published one where there is one", () => {
    const [headline] = classificationSections(result, {
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

  test("say why a figure is not defined", async () => {
    const absent = evaluateClassification({
      labels,
      probabilities: Float32Array.from({ length: 600 }, (_, i) =>
        i % 3 === 2 ? 0 : probabilities[i - Math.floor(i / 3)]!,
      ),
      classNames: ["normal", "pneumonia", "tuberculosis"],
      attributes: { label: Array.from(labels, (label) => (label === 1 ? "ill" : "well")) },
      resamples: 20,
    });
    const page = await htmlReport({ title: "Pneumonia", sections: classificationSections(absent) });
    expect(page).toContain("not defined");
    expect(page).toContain("no case of tuberculosis");
    expect(page).toContain("no case of normal, tuberculosis");
    expect(page).not.toMatch(/NaN|undefined|null/);
  });

  test("name the class that a figure is about where there are several", () => {
    const three = evaluateClassification({
      labels: Int32Array.from(labels, (_, row) => row % 3),
      probabilities: Float32Array.from({ length: 600 }, (_, i) => [0.5, 0.3, 0.2][(i + Math.floor(i / 7)) % 3]!).map(
        (value, i, all) => value / (all[i - (i % 3)]! + all[i - (i % 3) + 1]! + all[i - (i % 3) + 2]!),
      ),
      classNames: ["nv", "bkl", "mel"],
      positiveClass: "mel",
      attributes: { site: sites },
      resamples: 20,
    });
    const sections = classificationSections(three);
    const [headline, , , , , table] = sections;
    expect(headline).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ label: "Sensitivity at 90% specificity, mel" })]),
    });
    expect(JSON.stringify(table)).toContain("Specificity, mel");
    expect(sections).toContainEqual(expect.objectContaining({ kind: "forest", title: "Sensitivity, mel by site" }));
  });
});
