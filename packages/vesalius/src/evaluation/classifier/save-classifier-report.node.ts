import { join } from "node:path";
import { writeFileAtomic } from "../../common/files.node.ts";
import type { ClassifierReport } from "./evaluate-classifier.ts";
import { classificationSections } from "./sections.ts";
import { formatNumber, htmlReport, researchUseNotice } from "../../report/index.ts";

/** How a saved evaluation is titled. */
export interface SaveClassifierReportOptions {
  readonly title: string;
  /** What was evaluated on what. */
  readonly subtitle?: string;
  /** Added to the research-use notice, for example that the data are synthetic. */
  readonly notice?: string;
}

/**
 * Saves an evaluation as `report.json` and `report.html` in a folder, which is made where it is missing.
 *
 * @throws VesaliusError `missing-dependency` where echarts is not installed, `output-not-writable`, `disk-full`
 *
 * @example
 * await saveClassifierReport(await evaluateClassifier(model, xrays.validation), "./evaluation", { title: "Pneumonia" });
 */
export async function saveClassifierReport(
  report: ClassifierReport,
  folder: string,
  options: SaveClassifierReportOptions,
): Promise<void> {
  const { seconds, imagesPerSecond, parameters } = report.cost;
  const html = await htmlReport({
    ...options,
    sections: [
      ...classificationSections(report),
      {
        kind: "keyValues",
        title: "Cost of predicting",
        entries: [
          ["Seconds", formatNumber(seconds, 1)],
          ["Images per second", formatNumber(imagesPerSecond, 0)],
          ["Parameters", formatNumber(parameters, 0)],
        ],
      },
    ],
  });
  await writeFileAtomic(
    join(folder, "report.json"),
    `${JSON.stringify({ notice: researchUseNotice, ...report }, null, 2)}\n`,
  );
  await writeFileAtomic(join(folder, "report.html"), html);
}
