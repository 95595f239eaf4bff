import { join } from "node:path";
import { writeFileAtomic } from "../common/files.node.ts";
import { formatNumber, htmlReport, researchUseNotice, type ReportSection } from "../report/index.ts";
import type { EvaluationOf } from "./evaluation.ts";
import type { EvaluationReport } from "./evaluation-report.ts";
import { evaluationSections, type EvaluationSectionOptions } from "./sections/evaluation-sections.ts";

/** How a saved evaluation is titled. */
export interface SaveEvaluationOptions extends EvaluationSectionOptions {
  readonly title: string;
  /** What was evaluated on what. */
  readonly subtitle?: string | undefined;
  /** Added to the research-use notice, for example that the data are synthetic. */
  readonly notice?: string | undefined;
  /** What is shown beside the figures: pictures of cases. */
  readonly shown?: readonly ReportSection[] | undefined;
}

function costSections({ cost }: EvaluationReport, unit = "cases"): ReportSection[] {
  if (cost === undefined) return [];
  const name = unit[0]!.toUpperCase() + unit.slice(1);
  return [
    {
      kind: "keyValues",
      title: "Cost of predicting",
      entries: [
        ["Seconds", formatNumber(cost.seconds, 1)],
        [`${name} per second`, formatNumber(cost.examplesPerSecond, cost.examplesPerSecond < 10 ? 2 : 0)],
      ],
    },
  ];
}

/**
 * Saves an evaluation as `report.json` and `report.html` in a folder, which is made where it is missing.
 *
 * @param evaluation what the report was made with; it gives names, units and the sections of its kind
 * @throws VesaliusError `missing-dependency` where echarts is not installed, `output-not-writable`, `disk-full`
 *
 * @example
 * await saveEvaluation(report, "./evaluation", task.evaluation, { title: "Pneumonia" });
 */
export async function saveEvaluation<Details>(
  report: EvaluationReport<Details>,
  folder: string,
  evaluation: EvaluationOf<never, Details>,
  { title, subtitle, notice, shown = [], ...options }: SaveEvaluationOptions,
): Promise<void> {
  const html = await htmlReport({
    title,
    ...(subtitle === undefined ? {} : { subtitle }),
    ...(notice === undefined ? {} : { notice }),
    sections: [...evaluationSections(evaluation, report, options), ...shown, ...costSections(report, options.unit)],
  });
  const json = JSON.stringify({ notice: researchUseNotice, ...report }, null, 2);
  await writeFileAtomic(join(folder, "report.json"), `${json}\n`);
  await writeFileAtomic(join(folder, "report.html"), html);
}
