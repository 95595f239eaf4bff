import {
  numberColumn,
  type BarsSection,
  type ChartSection,
  type ForestSection,
  type ReportSection,
  type TableSection,
} from "./document.ts";
import { precisionRecallChart, rocChart } from "./charts/curves.ts";
import { barsChart, forestChart } from "./charts/intervals.ts";
import { linesChart, mostMarkedPoints } from "./charts/lines.ts";
import { reliabilityChart } from "./charts/reliability.ts";
import type { Chart, ChartRenderer } from "./charts/renderer.ts";
import {
  estimateText,
  formatCount,
  formatEstimate,
  formatInterval,
  formatNumber,
  formatPercent,
  formatTick,
} from "./format.ts";
import { html, type Html } from "./html.ts";
import { legend } from "./palette.ts";
import { chartNumbers } from "./sections.ts";

/** A chart with what stands around it. */
interface Presentation {
  readonly chart: Chart;
  readonly legend?: Html | undefined;
  readonly note?: string | undefined;
  /** The numbers behind the chart, where they are few enough to read. */
  readonly numbers?: Pick<TableSection, "columns" | "rows"> | undefined;
}

type SectionOf<Kind extends ChartSection["kind"]> = Extract<ChartSection, { kind: Kind }>;

function rowNumbers({ rows, valueLabel }: ForestSection | BarsSection): Presentation["numbers"] {
  const counted = rows.some((row) => row.count !== undefined);
  return {
    columns: [{ label: "Row" }, ...(counted ? [numberColumn("Cases")] : []), numberColumn(valueLabel)],
    rows: rows.map(({ label, count, figure }) => [
      label,
      ...(counted ? [count === undefined ? "–" : formatCount(count)] : []),
      estimateText(figure),
    ]),
  };
}

function lineNumbers({ series, xLabel, yLabel }: SectionOf<"lines">): Presentation["numbers"] {
  return {
    columns: [{ label: "Series" }, numberColumn(xLabel), numberColumn(yLabel)],
    rows: series.flatMap(({ name, x, y, lower, upper }) =>
      x.map((at, i) => {
        const band = lower === undefined || upper === undefined ? "" : ` (${formatInterval(lower[i]!, upper[i]!)})`;
        return [name, formatTick(at), `${formatNumber(y[i]!)}${band}`];
      }),
    ),
  };
}

const presentations: { readonly [Kind in ChartSection["kind"]]: (section: SectionOf<Kind>) => Presentation } = {
  roc: (section) => ({
    chart: rocChart(section),
    legend: legend(section.curves.map(({ name, area }) => ({ name, detail: area && `AUC ${formatEstimate(area)}` }))),
    note: "The dashed diagonal is chance.",
  }),
  precisionRecall: (section) => ({
    chart: precisionRecallChart(section),
    legend: legend(
      section.curves.map(({ name, averagePrecision: ap }) => ({ name, detail: ap && `AP ${formatEstimate(ap)}` })),
    ),
    note:
      section.curves.length === 1 && section.curves[0]?.prevalence !== undefined
        ? "The dashed line is the share of positives, which a model that knows nothing reaches."
        : "A model that knows nothing reaches the share of the class.",
  }),
  reliability: (section) => ({
    chart: reliabilityChart(section),
    note: "Points on the dashed diagonal are perfectly calibrated. Bars are 95% Wilson intervals.",
    numbers: {
      columns: [{ label: "Bin" }, numberColumn("Cases"), numberColumn("Mean predicted"), numberColumn("Observed")],
      rows: section.bins.map((bin) => [
        formatInterval(bin.lower, bin.upper, 2),
        formatCount(bin.count),
        formatPercent(bin.meanProbability),
        formatPercent(bin.observedRate),
      ]),
    },
  }),
  forest: (section) => ({ chart: forestChart(section), note: section.note, numbers: rowNumbers(section) }),
  bars: (section) => ({ chart: barsChart(section), note: section.note, numbers: rowNumbers(section) }),
  lines: (section) => {
    const marked = section.series.map(({ x }) => x.length <= mostMarkedPoints);
    return {
      chart: linesChart(section),
      legend:
        section.series.length > 1
          ? legend(section.series.map(({ name }, i) => ({ name, marked: marked[i]! })))
          : undefined,
      note: section.note,
      numbers: marked.every(Boolean) ? lineNumbers(section) : undefined,
    };
  },
};

/** Whether a section is drawn by the chart library. */
export const isChart = (section: ReportSection): section is ChartSection => section.kind in presentations;

/** A numbered figure: caption, legend, chart, note and the numbers behind it. */
export function chartFigure(section: ChartSection, render: ChartRenderer, number: number): Html {
  const label = `Figure ${number}`;
  const id = `figure-${number}`;
  const present = presentations[section.kind] as (section: ChartSection) => Presentation;
  const { chart, legend, note, numbers } = present(section);
  return html`<figure>
    <figcaption><span class="label">${label}.</span> ${section.title}</figcaption>
    ${legend}${render(chart, id, `${label}. ${section.title}`)}
    ${note === undefined ? undefined : html`<p class="note">${note}</p>`}${numbers && chartNumbers(numbers, id)}
  </figure>`;
}
