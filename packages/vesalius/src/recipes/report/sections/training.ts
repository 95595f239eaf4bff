import { metricDescriptions, numberColumn, type ReportSection } from "../../../evaluation/index.ts";
import { formatEstimate, formatNumber } from "../../../report/format.ts";
import { groupBy } from "../over-seeds.ts";
import type { PretrainingRecord } from "../../run/stage-record.ts";
import type { RunReport } from "../run-report.ts";

/** Names of settings as a reader knows them, values as the recipe writes them. */
const settingsText = (settings: Readonly<Record<string, unknown>>): string =>
  Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");

const curve = (name: string, history: readonly { step: number; loss: number }[]) => ({
  name,
  x: history.map(({ step }) => step),
  y: history.map(({ loss }) => loss),
});

/** What pretraining learned from and how its loss fell. */
export function pretrainingSections({ stages }: RunReport): ReportSection[] {
  const records = stages.filter((stage) => stage.kind === "pretraining");
  const [record] = records;
  if (record === undefined) return [];
  const { objective, images, steps, settings, history } = record;
  const each = (figure: (one: PretrainingRecord) => number, digits: number): string =>
    records.map((one) => formatNumber(figure(one), digits)).join(", ");
  return [
    { kind: "heading", title: "Pretraining" },
    {
      kind: "keyValues",
      title: "What was learned without labels",
      entries: [
        ["Objective", objective],
        ["Settings", settingsText(settings)],
        ["Images", formatNumber(images, 0)],
        ["Steps", formatNumber(steps, 0)],
        ["Seed", each(({ seed }) => seed, 0)],
        ["Seconds", each(({ cost }) => cost.seconds, 0)],
        ["Last loss", each((one) => one.history.at(-1)?.loss ?? NaN, 4)],
      ],
    },
    ...(history.length === 0
      ? []
      : [
          {
            kind: "lines" as const,
            title: "Loss of pretraining",
            xLabel: "Step",
            yLabel: "Loss",
            series:
              records.length === 1
                ? [curve(objective, history)]
                : records.map((one) => curve(`seed ${one.seed}`, one.history)),
          },
        ]),
  ];
}

/** Loss of every adaptation's first seed. */
export function adaptationCurves({ stages }: RunReport): ReportSection[] {
  const adapted = stages.filter((stage) => stage.kind === "adaptation");
  const series = [...groupBy(adapted, ({ method }) => method)].flatMap(([method, [first]]) =>
    first === undefined || first.history.length === 0 ? [] : [curve(method, first.history)],
  );
  if (series.length === 0) return [];
  const note =
    "First seed of each method; losses with augmentation and of different numbers of steps do not compare directly.";
  return [{ kind: "lines", width: "full", title: "Loss of adaptation", xLabel: "Step", yLabel: "Loss", series, note }];
}

/** How far few labels go. */
export function labelEfficiencySections({ labelEfficiency, metric }: RunReport): ReportSection[] {
  if (labelEfficiency.length === 0) return [];
  const { label } = metricDescriptions[metric];
  const methods = [...groupBy(labelEfficiency, ({ method }) => method)];
  const bounded = labelEfficiency.every(({ figure }) => figure.lower !== null && figure.upper !== null);
  const series = methods.flatMap(([name, points]) => {
    const drawn = points.filter(({ figure }) => figure.value !== null).sort((a, b) => a.images - b.images);
    if (drawn.length === 0) return [];
    const band = bounded
      ? { lower: drawn.map(({ figure }) => figure.lower!), upper: drawn.map(({ figure }) => figure.upper!) }
      : {};
    return [{ name, x: drawn.map(({ images }) => images), y: drawn.map(({ figure }) => figure.value!), ...band }];
  });
  const counts = [...new Set(labelEfficiency.map(({ images }) => images))].sort((a, b) => a - b);
  return [
    {
      kind: "heading",
      title: "Label efficiency",
      text:
        "Models with few labels are trained for the same number of steps, each on a stratified sample of the training " +
        "images. Those with all labels are trained as long as the adaptation says.",
    },
    ...(series.length === 0
      ? []
      : [
          {
            kind: "lines" as const,
            width: "full" as const,
            title: `${label} by number of labelled images`,
            xLabel: "Labelled images",
            yLabel: label,
            xScale: "log" as const,
            series,
            note: bounded ? "Mean over the seeds; the band is the 95% interval of Student's t." : "One seed: no band.",
          },
        ]),
    {
      kind: "table",
      title: `${label} with 95% intervals over the seeds`,
      columns: [{ label: "Labelled images" }, ...methods.map(([name]) => numberColumn(name))],
      rows: counts.map((count) => [
        formatNumber(count, 0),
        ...methods.map(([, points]) => {
          const point = points.find(({ images }) => images === count);
          return point === undefined ? "–" : formatEstimate(point.figure);
        }),
      ]),
    },
  ];
}
