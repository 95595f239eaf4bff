import { numberColumn, type ReportSection } from "../../../evaluation/index.ts";
import { formatNumber, formatPercent } from "../../../report/format.ts";
import type { DatasetSummaryOfImages } from "../../../data/index.ts";
import { describeEnergy } from "../../../trust/index.ts";
import type { RunReport } from "../run-report.ts";

/** What the data are, under which licence, and what to beware of. */
export function dataSections(datasets: readonly DatasetSummaryOfImages[]): ReportSection[] {
  return [
    { kind: "heading", title: "Data" },
    ...datasets.flatMap((dataset): ReportSection[] => {
      const { channels, height, width } = dataset.image;
      const splits = Object.entries(dataset.splits).map(([name, { images }]) => `${name} ${formatNumber(images, 0)}`);
      return [
        {
          kind: "keyValues",
          title: dataset.title === "" ? dataset.name : dataset.title,
          entries: [
            ["Modality", dataset.modality === "" ? "not stated" : dataset.modality],
            ["Licence", dataset.restricted ? `${dataset.licence} (restricted)` : dataset.licence],
            ["Images as used", `${height} x ${width} pixels, ${channels === 1 ? "grey" : `${channels} channels`}`],
            ["Splits", splits.join(", ")],
            ["Classes", dataset.labels.length === 0 ? "none" : dataset.labels.join(", ")],
            ["Grouping", dataset.groupingKey === "" ? "not stated" : dataset.groupingKey],
            ["Citation", dataset.citation === "" ? "none" : dataset.citation],
          ],
        },
        ...(dataset.cautions.length === 0
          ? []
          : [
              {
                kind: "text" as const,
                width: "half" as const,
                title: `Cautions: ${dataset.name}`,
                paragraphs: dataset.cautions,
              },
            ]),
      ];
    }),
  ];
}

/** Where time and energy went. */
export function costSections({ stages, cost }: RunReport): ReportSection[] {
  return [
    { kind: "heading", title: "Time and energy" },
    {
      kind: "table",
      title: "Cost of each stage",
      columns: [
        { label: "Stage" },
        numberColumn("Images"),
        numberColumn("Steps"),
        numberColumn("Seconds"),
        numberColumn("Waiting for data"),
        numberColumn("Wh"),
        numberColumn("g CO2e"),
      ],
      rows: [
        ...stages.map(({ stage, images, steps, time, cost: { seconds, energy } }) => [
          stage,
          formatNumber(images, 0),
          formatNumber(steps, 0),
          formatNumber(seconds, 1),
          formatPercent(time.total === 0 ? 0 : time.waiting / time.total),
          formatNumber(energy.wattHours, 2),
          formatNumber(energy.gramsCo2e, 2),
        ]),
        [
          "all",
          "",
          "",
          formatNumber(cost.seconds, 1),
          formatPercent(cost.waitingShare),
          formatNumber(cost.energy.wattHours, 2),
          formatNumber(cost.energy.gramsCo2e, 2),
        ],
      ],
      note: `Energy is ${describeEnergy(cost.energy)}.`,
    },
  ];
}

/** What the run ran on. */
export function environmentSection({ environment }: RunReport): ReportSection[] {
  const { vesalius, node, engine, threads, cpu, cores, memoryGiB, system, architecture } = environment;
  return [
    {
      kind: "keyValues",
      title: "Environment",
      entries: [
        ["Vesalius", vesalius],
        ["Node.js", node],
        ["Engine", `${engine.name} ${engine.version}, ${threads} threads`],
        ["Processor", `${cpu}, ${cores} cores, ${architecture}`],
        ["Memory", `${formatNumber(memoryGiB, 1)} GiB`],
        ["System", system],
      ],
    },
  ];
}
