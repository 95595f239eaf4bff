import type { DatasetSummary } from "../../data/dataset/index.ts";
import { evaluationSections } from "../../evaluation/index.ts";
import { labelOf } from "../../evaluation/sections/metric-text.ts";
import type { ReportDocument, ReportSection } from "../../report/index.ts";
import type { Task } from "../../tasks/index.ts";
import { adaptationSections } from "../stages/adaptation/sections.ts";
import { pretrainingSections } from "../stages/pretraining/sections.ts";
import type { Study } from "../studies/study.ts";
import { metricIn } from "./metrics.ts";
import type { RunReport } from "./run-report.ts";
import { comparisonSections, headlineSection } from "./sections/overview.ts";
import { readingSections } from "./sections/reading.ts";
import { costSections, dataSections, environmentSection } from "./sections/provenance.ts";

/** Said at the top of every report of a run on data that a program drew. */
export const syntheticNotice =
  "Synthetic data: every example was made by a program. The results say that the method runs and learns, not that it works on people.";

/** Said at the top of every report of a trial. */
export const smokeNotice =
  "Smoke test: the smallest network, a handful of examples and a few steps. The numbers mean nothing; the parts fit together.";

/** What a report shows that its JSON does not hold. */
export interface DocumentParts {
  readonly description?: string | undefined;
  readonly datasets: readonly DatasetSummary[];
  /** What the objective shows of examples. */
  readonly shown: readonly ReportSection[];
  /** What a task shows of answers, by method. */
  readonly shownAnswers?: Readonly<Record<string, readonly ReportSection[]>>;
  readonly task: Task | undefined;
  readonly studies: readonly Study[];
}

function detailSections(report: RunReport, task: Task, shown: DocumentParts["shownAnswers"] = {}): ReportSection[] {
  const comparisons = Object.fromEntries(
    report.floors.map(({ metric, name, value }) => [metric, { label: name, value }] as const),
  );
  return Object.entries(report.evaluations).flatMap(([method, evaluation]) => {
    const seed = report.methods.find((one) => one.method === method)?.seeds[0];
    return [
      {
        kind: "heading" as const,
        title: `${method} in detail`,
        text: `The model of seed ${seed} on the ${report.split} split.`,
      },
      ...evaluationSections(task.evaluation, evaluation, { comparisons, unit: report.unit }),
      ...(shown[method] ?? []),
    ];
  });
}

/**
 * The document of a run's report: headline, methods compared, studies, pretraining with what the objective shows, each
 * method in detail, data, time and energy, environment.
 */
export function runDocument(report: RunReport, parts: DocumentParts): ReportDocument {
  const { title, synthetic, smoke, metric, split, unit, stages } = report;
  const notices = [...(smoke ? [smokeNotice] : []), ...(synthetic ? [syntheticNotice] : [])];
  const studies = report.studies.flatMap(({ results }, i) =>
    metric === null ? [] : parts.studies[i]!.sections(results, metricIn(report, metric), unit),
  );
  return {
    title,
    subtitle: metric === null ? "Pretraining" : `${labelOf(metricIn(report, metric))} on the ${split} split`,
    ...(notices.length === 0 ? {} : { notice: notices.join(" ") }),
    sections: [
      headlineSection(report),
      ...(parts.description === undefined ? [] : [{ kind: "text" as const, paragraphs: [parts.description] }]),
      ...comparisonSections(report),
      ...studies,
      ...pretrainingSections(stages, unit, parts.shown),
      ...adaptationSections(stages),
      ...(parts.task === undefined ? [] : detailSections(report, parts.task, parts.shownAnswers)),
      ...dataSections(parts.datasets),
      ...readingSections(stages),
      ...costSections(report),
      ...environmentSection(report),
    ],
  };
}
