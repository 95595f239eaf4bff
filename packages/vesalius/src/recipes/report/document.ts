import type { DatasetSummaryOfImages } from "../../data/index.ts";
import {
  classificationSections,
  metricDescriptions,
  type ReportDocument,
  type ReportSection,
} from "../../evaluation/index.ts";
import type { RunReport } from "./run-report.ts";
import { comparisonSections, headlineSection } from "./sections/overview.ts";
import { costSections, dataSections, environmentSection } from "./sections/provenance.ts";
import { adaptationCurves, labelEfficiencySections, pretrainingSections } from "./sections/training.ts";

/** Said at the top of every report of a run on images that a program drew. */
export const syntheticNotice =
  "Synthetic data: every image was drawn by a program. The results say that the method runs and learns, not that it works on people.";

function evaluationSections(report: RunReport): ReportSection[] {
  const { floor } = report;
  const comparisons = floor === null ? {} : { [floor.metric]: { label: floor.name, value: floor.value } };
  return Object.entries(report.evaluations).flatMap(([method, evaluation]) => {
    const seed = report.methods.find((one) => one.method === method)?.seeds[0];
    return [
      {
        kind: "heading" as const,
        title: `${method} in detail`,
        text: `The model of seed ${seed} on the ${report.split} split.`,
      },
      ...classificationSections(evaluation, { comparisons }),
    ];
  });
}

/**
 * The document of a run's report: headline, methods compared, label efficiency, pretraining with reconstructions, each
 * method in detail, data, time and energy, environment.
 *
 * @param pictures sections of pictures, such as reconstructions, that go with pretraining
 */
export function runDocument(
  report: RunReport,
  texts: {
    readonly description?: string | undefined;
    readonly datasets: readonly DatasetSummaryOfImages[];
    readonly pictures?: readonly ReportSection[];
  },
): ReportDocument {
  const { title, synthetic, metric, methods, split } = report;
  const subtitle = methods.length === 0 ? "Pretraining" : `${metricDescriptions[metric].label} on the ${split} split`;
  return {
    title,
    subtitle,
    ...(synthetic ? { notice: syntheticNotice } : {}),
    sections: [
      ...headlineSection(report),
      ...(texts.description === undefined ? [] : [{ kind: "text" as const, paragraphs: [texts.description] }]),
      ...comparisonSections(report),
      ...labelEfficiencySections(report),
      ...pretrainingSections(report),
      ...(texts.pictures ?? []),
      ...(methods.length === 0 ? [] : [{ kind: "heading" as const, title: "Adaptation" }]),
      ...adaptationCurves(report),
      ...evaluationSections(report),
      ...dataSections(texts.datasets),
      ...costSections(report),
      ...environmentSection(report),
    ],
  };
}
