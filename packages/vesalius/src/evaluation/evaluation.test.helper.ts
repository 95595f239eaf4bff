import { expect } from "vitest";
import { htmlReport, reportSectionSchema } from "../report/index.ts";
import { evaluateMeasures, type EvaluateMeasuresOptions } from "./evaluate-measures.ts";
import type { EvaluationOf } from "./evaluation.ts";
import { type EvaluationReport, parseEvaluationReport } from "./evaluation-report.ts";
import { evaluationSections } from "./sections/evaluation-sections.ts";

/**
 * What must hold of every kind of evaluation, whatever the answers: the report survives JSON and its schema, every value
 * lies in its metric's range and inside its interval, restricted data are not named, and the sections can be drawn.
 */
export async function expectSound<Measure, Details>(
  evaluation: EvaluationOf<Measure, Details>,
  measures: readonly Measure[],
  options: EvaluateMeasuresOptions = {},
): Promise<EvaluationReport<Details>> {
  const ids = measures.map((_, row) => `secret-${row}`);
  const attributes = { site: measures.map((_, row) => (row % 2 === 0 ? "north" : "south")) };
  const report = evaluateMeasures(evaluation, measures, { ids, attributes, resamples: 50, ...options });
  const saved: unknown = JSON.parse(JSON.stringify(report));
  expect(parseEvaluationReport(saved, evaluation)).toEqual(report);

  for (const { metrics } of [report, ...report.breakdown, ...report.attributes.flatMap((one) => one.subgroups)]) {
    for (const [name, { value, lower, upper, reason }] of Object.entries(metrics)) {
      const [least, greatest] = evaluation.metrics[name]!.range;
      if (value === null) expect(reason, name).toBeDefined();
      else {
        expect(value, name).toBeGreaterThanOrEqual(least - 1e-9);
        expect(value, name).toBeLessThanOrEqual(greatest + 1e-9);
      }
      if (lower === null) expect(reason, name).toBeDefined();
      else {
        expect(lower, name).toBeGreaterThanOrEqual(least);
        expect(upper!, name).toBeGreaterThanOrEqual(lower);
        expect(upper!, name).toBeLessThanOrEqual(greatest);
      }
    }
  }
  for (const name of [...evaluation.headline, ...(evaluation.ofSubgroups ?? []), ...Object.keys(report.floors)])
    expect(evaluation.metrics[name], name).toBeDefined();

  const hidden = evaluateMeasures(evaluation, measures, {
    ids,
    attributes,
    resamples: 10,
    ...options,
    restricted: true,
  });
  expect(JSON.stringify(hidden)).not.toContain("secret-");

  const sections = evaluationSections(evaluation, report);
  for (const section of sections) reportSectionSchema.parse(JSON.parse(JSON.stringify(section)));
  const page = await htmlReport({ title: evaluation.kind, sections });
  expect(page).not.toMatch(/\bNaN\b|\bundefined\b|\[object/);
  return report;
}
