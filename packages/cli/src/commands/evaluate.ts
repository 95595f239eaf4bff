import { join } from "node:path";
import { Command, Option } from "commander";
import { evaluate, loadClassifier, saveClassifierReport, VesaliusError } from "vesalius";
import type { ImageDataset } from "vesalius/data";
import { estimateText, metricDescriptions, type MetricName, researchUseNotice } from "vesalius/evaluation";
import { syntheticNotice } from "vesalius/recipes";
import { engine } from "../backend.ts";
import { jsonOption, positiveInteger, threadsOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { addSeedFlag } from "../recipe-flags.ts";
import { dataHelp, openData } from "../sources.ts";
import { formatPairs } from "../table.ts";
import { timestamp } from "../timestamp.ts";

interface Flags {
  readonly split: "train" | "validation" | "test";
  readonly positiveClass?: string;
  readonly resamples: number;
  readonly seed: number;
  readonly out?: string;
  readonly threads?: number;
  readonly json?: true;
}

/** A model's class indices mean nothing to data with other classes or another order. */
function requireSameClasses(modelLabels: readonly string[], { labels, name }: ImageDataset): void {
  if (labels.length === modelLabels.length && labels.every((label, i) => label === modelLabels[i])) return;
  throw new VesaliusError(
    "bad-data",
    `the model knows ${modelLabels.join(", ")}; the data have ${labels.join(", ") || "no classes"}`,
    {
      where: name,
      fix: "evaluate on data with the classes that the model was adapted to, in the same order",
    },
  );
}

export function evaluateCommand(): Command {
  const command = new Command("evaluate")
    .summary("judge a model on a labelled split")
    .description(
      "Evaluates a saved model on a split of a dataset: discrimination, calibration and subgroups with 95% intervals. Leaves report.json and report.html in --out.",
    )
    .argument("<model>", "folder of a saved model, in a run one of models/")
    .argument("<data>", dataHelp)
    .addOption(
      new Option("--split <name>", "split to evaluate on")
        .choices(["train", "validation", "test"])
        .default("validation"),
    )
    .option("--positive-class <name>", "class that a clinician would call positive (of two, the second)")
    .option("--resamples <count>", "bootstrap resamples of the intervals", positiveInteger, 1000)
    .option("--out <folder>", "folder of the report (default: runs/evaluation-<time>)");
  addSeedFlag(command)
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (folder: string, path: string, flags: Flags) => {
      const { split, positiveClass, resamples, seed, threads } = flags;
      const output = createOutput(flags.json === true);
      const model = await loadClassifier(folder);
      const { imageSize, channels } = model.backbone.config;
      const size = { height: imageSize, width: imageSize };
      const { dataset: data, synthetic } = await openData(path, {
        size,
        channels: channels === 3 ? 3 : 1,
        allowMissingTrain: true,
        allowMissingClasses: true,
      });
      requireSameClasses(model.labels, data);
      const report = await evaluate(model, data[split], {
        resamples,
        seed,
        nameImages: !data.card.restricted,
        backend: await engine(threads),
        ...(positiveClass === undefined ? {} : { positiveClass }),
      });
      const out = flags.out ?? join("runs", `evaluation-${timestamp()}`);
      const title = data.card.title === "" ? data.name : data.card.title;
      await saveClassifierReport(report, out, {
        title,
        subtitle: `Evaluation on the ${split} split`,
        ...(synthetic ? { notice: syntheticNotice } : {}),
      });
      output.note(researchUseNotice);
      const shown = (Object.keys(metricDescriptions) as MetricName[]).filter(
        (name) => report.figures[name] !== undefined,
      );
      const figures = shown.map(
        (name) => [metricDescriptions[name].label, estimateText(report.figures[name]!)] as const,
      );
      const html = join(out, "report.html");
      output.result(
        {
          notice: researchUseNotice,
          split,
          count: report.count,
          figures: report.figures,
          cost: report.cost,
          folder: out,
          report: html,
        },
        `${formatPairs([["Images", String(report.count)], ...figures])}\nreport: ${html}`,
      );
    });
  return withExamples(
    command,
    "vesalius evaluate runs/pneumonia/models/lora-seed1 ./data/pneumoniamnist --split validation",
    "vesalius evaluate runs/pneumonia/models/lora-seed1 ./data/pneumoniamnist --positive-class pneumonia --json",
  );
}
