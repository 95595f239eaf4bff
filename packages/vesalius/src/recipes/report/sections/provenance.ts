import { numberColumn, type ReportSection } from "../../../report/index.ts";
import { formatNumber, formatPercent } from "../../../report/format.ts";
import type { DatasetSummary, SplitSummary } from "../../../data/dataset/index.ts";
import { describeEnergy } from "../../../trust/index.ts";
import { isTrained } from "../../stages/records.ts";
import type { RunReport } from "../run-report.ts";

/** What a kind of column says of itself, in a few words. */
function descriptionText({ kind: _kind, ...said }: SplitSummary["columns"][string]): string {
  return Object.entries(said)
    .map(
      ([name, value]) =>
        `${name} ${typeof value === "number" ? formatNumber(value, Number.isInteger(value) ? 0 : 2) : [value].flat().join(", ")}`,
    )
    .join("; ");
}

/** Columns of a dataset's first split, which the others have too. */
function columnsTable({ name, splits, tables }: DatasetSummary): ReportSection[] {
  const parts = [...Object.entries(splits).slice(0, 1), ...Object.entries(tables)];
  const rows = parts.flatMap(([part, { columns }]) =>
    Object.entries(columns).map(([column, said]) => [`${part}: ${column}`, said.kind, descriptionText(said)]),
  );
  if (rows.length === 0) return [];
  return [
    {
      kind: "table",
      title: `Columns of ${name}`,
      columns: [{ label: "Column" }, { label: "Kind" }, { label: "Content", align: "sentence" }],
      rows,
    },
  ];
}

/** What the data are, under which licence, and what to beware of. */
export function dataSections(datasets: readonly DatasetSummary[]): ReportSection[] {
  return [
    { kind: "heading", title: "Data" },
    ...datasets.flatMap((dataset): ReportSection[] => {
      const counts = Object.entries(dataset.splits).map(
        ([name, { length, groups }]) =>
          `${name} ${formatNumber(length, 0)}${groups === null ? "" : ` in ${formatNumber(groups, 0)} groups`}`,
      );
      const tables = Object.entries(dataset.tables).map(([name, { length }]) => `${name} ${formatNumber(length, 0)}`);
      return [
        {
          kind: "keyValues",
          title: dataset.title === "" ? dataset.name : dataset.title,
          entries: [
            ["Modality", dataset.modality === "" ? "not stated" : dataset.modality],
            ["Licence", dataset.restricted ? `${dataset.licence} (restricted)` : dataset.licence],
            [dataset.unit.slice(0, 1).toUpperCase() + dataset.unit.slice(1), counts.join(", ")],
            ...(tables.length === 0 ? [] : [["Tables", tables.join(", ")] as const]),
            ["Grouping", dataset.groupingKey === "" ? "not stated" : dataset.groupingKey],
            ["Citation", dataset.citation === "" ? "none" : dataset.citation],
          ],
        },
        ...columnsTable(dataset),
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
        numberColumn("Examples"),
        numberColumn("Steps"),
        numberColumn("Seconds"),
        numberColumn("Waiting for data"),
        numberColumn("Wh"),
        numberColumn("g CO2e"),
      ],
      rows: [
        ...stages.map((stage) => {
          const { seconds, energy } = stage.cost;
          const trained = isTrained(stage)
            ? [
                formatNumber(stage.examples, 0),
                formatNumber(stage.steps, 0),
                formatNumber(seconds, 1),
                formatPercent(stage.time.total === 0 ? 0 : stage.time.waiting / stage.time.total),
              ]
            : [formatNumber(stage.cases, 0), "–", formatNumber(seconds, 1), "–"];
          return [stage.stage, ...trained, formatNumber(energy.wattHours, 2), formatNumber(energy.gramsCo2e, 2)];
        }),
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
      note: `Energy is ${describeEnergy(cost.energy)}. Stages of earlier runs count as they did there.`,
    },
  ];
}

/** Stages that worked with other threads than the last session: figures of those repeat only with the same ones. */
function otherThreads({ stages, environment }: Pick<RunReport, "stages" | "environment">): [string, string][] {
  const others = stages.flatMap(({ stage, threads = [] }) =>
    threads.some((count) => count !== environment.threads) ? [`${stage}: ${threads.join(", then ")}`] : [],
  );
  return others.length === 0 ? [] : [["Other threads", others.join("; ")]];
}

/** What the run ran on. */
export function environmentSection({
  environment,
  stages,
}: Pick<RunReport, "environment" | "stages">): ReportSection[] {
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
        ...otherThreads({ environment, stages }),
      ],
    },
  ];
}
