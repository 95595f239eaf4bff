import { Command } from "commander";
import { type DatasetSummary, describeDataset } from "vesalius/data";
import { jsonOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { dataCatalogueCommand, dataDescribeCommand } from "./data-catalogue.ts";
import {
  addDividedDataOptions,
  dataHelp,
  type DividedDataFlags,
  exampleData,
  openData,
  withDivision,
} from "../sources.ts";
import { formatPairs, formatTable } from "../table.ts";

const orNone = (text: string): string => (text === "" ? "not stated" : text);

type Described = DatasetSummary["splits"][string]["columns"][string];

/** More of a list than this is counted; `--json` says all of it. */
const MOST_LISTED = 20;
const listed = (values: readonly unknown[]): string =>
  values.length > MOST_LISTED
    ? `${values.slice(0, MOST_LISTED).join(", ")} and ${values.length - MOST_LISTED} more`
    : values.join(", ");

/** What a column says of itself: `count 12, names a, b`. */
const columnText = ({ kind: _kind, ...said }: Described): string =>
  Object.entries(said)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? listed(value) : String(value)}`)
    .join("; ");

function formatDataset(summary: DatasetSummary): string {
  const { splits, tables, unit } = summary;
  const parts = [
    ...Object.entries(splits),
    ...Object.entries(tables).map(([name, part]) => [`table ${name}`, part] as const),
  ];
  const attributes = Object.keys(Object.values(splits)[0]?.attributes ?? {});
  return [
    formatPairs([
      ["Name", summary.title === "" ? summary.name : `${summary.name}: ${summary.title}`],
      ["Modality", orNone(summary.modality)],
      ["Licence", summary.restricted ? `${summary.licence} (restricted)` : summary.licence],
      ["Grouping", orNone(summary.groupingKey)],
      ["Attributes", attributes.length === 0 ? "none" : listed(attributes)],
      ["Citation", orNone(summary.citation)],
    ]),
    "",
    formatTable(
      ["part", unit, "groups"],
      parts.map(([name, { length, groups }]) => [name, length, groups ?? "–"]),
    ),
    "",
    formatTable(
      ["part", "column", "kind", "content"],
      parts.flatMap(([name, { columns }]) =>
        Object.entries(columns).map(([column, said]) => [name, column, said.kind, columnText(said)]),
      ),
    ),
    ...(summary.baselines.length === 0
      ? []
      : [
          "",
          formatTable(
            ["baseline", "metric", "value"],
            summary.baselines.map(({ model, metric, value }) => [model, metric, String(value)]),
          ),
        ]),
    ...(summary.cautions.length === 0 ? [] : ["", "Cautions", ...summary.cautions.map((caution) => `- ${caution}`)]),
  ].join("\n");
}

interface Flags extends DividedDataFlags {
  readonly allowMissingTrain?: true;
  readonly json?: true;
}

export function dataCommand(): Command {
  const command = new Command("data")
    .summary("describe a dataset")
    .description(
      "Recognises the layout of a dataset and counts what it holds (examples, groups, columns and attributes of each part), and checks it on the way: nothing about a single patient is printed.",
    )
    .argument("<path>", dataHelp)
    .option("--allow-missing-train", "accept data without a training split")
    .addCommand(dataCatalogueCommand())
    .addCommand(dataDescribeCommand());
  // What stands behind a subcommand is its own.
  addDividedDataOptions(command.enablePositionalOptions())
    .addOption(jsonOption())
    .action(async (path: string, flags: Flags) => {
      const { dataset } = await openData(path, withDivision(flags), {
        allowMissingTrain: flags.allowMissingTrain === true,
        allowMissingClasses: true,
      });
      const summary = describeDataset(dataset);
      createOutput(flags.json === true).result(summary, formatDataset(summary));
    });
  return withExamples(command, "vesalius data ./data/pneumoniamnist", `vesalius data ${exampleData} --json`);
}
