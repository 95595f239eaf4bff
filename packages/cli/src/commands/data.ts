import { Command } from "commander";
import { type DatasetSummaryOfImages, describeDatasetOfImages } from "vesalius/data";
import { jsonOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { dataHelp, openData } from "../sources.ts";
import { formatPairs, formatTable } from "../table.ts";

const orNone = (text: string): string => (text === "" ? "not stated" : text);

function formatDataset(summary: DatasetSummaryOfImages): string {
  const { channels, height, width } = summary.image;
  const classes = summary.labels;
  const rows = Object.entries(summary.splits).map(([name, split]) => [
    name,
    split.images,
    split.groups ?? "–",
    ...classes.map((label) => split.classes?.[label] ?? "–"),
  ]);
  const attributes = Object.keys(Object.values(summary.splits)[0]?.attributes ?? {});
  return [
    formatPairs([
      ["Name", summary.title === "" ? summary.name : `${summary.name}: ${summary.title}`],
      ["Modality", orNone(summary.modality)],
      ["Licence", summary.restricted ? `${summary.licence} (restricted)` : summary.licence],
      ["Images", `${height} x ${width} pixels, ${channels} channel${channels === 1 ? "" : "s"}`],
      ["Grouping", orNone(summary.groupingKey)],
      ["Attributes", attributes.length === 0 ? "none" : attributes.join(", ")],
      ["Citation", orNone(summary.citation)],
    ]),
    "",
    formatTable(["split", "images", "groups", ...classes], rows),
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

export function dataCommand(): Command {
  const command = new Command("data")
    .summary("describe a dataset")
    .description(
      "Counts what a dataset holds (images, classes, groups, attributes of each split), and checks it on the way: nothing about a single patient is printed.",
    )
    .argument("<path>", dataHelp)
    .option("--allow-missing-train", "accept data without a training split")
    .addOption(jsonOption())
    .action(async (path: string, { json, allowMissingTrain }: { json?: true; allowMissingTrain?: true }) => {
      const { dataset } = await openData(path, {
        allowMissingTrain: allowMissingTrain === true,
        allowMissingClasses: true,
      });
      const summary = describeDatasetOfImages(dataset);
      createOutput(json === true).result(summary, formatDataset(summary));
    });
  return withExamples(command, "vesalius data ./data/pneumoniamnist", "vesalius data synthetic-radiographs --json");
}
