import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { evaluate, saveEvaluation, VesaliusError } from "vesalius";
import { addCounts, describeCounts, type FeedCounts } from "vesalius/data";
import { estimateOfMetricText, labelOf, type MeasuredAnswers, researchUseNotice } from "vesalius/evaluation";
import { syntheticNotice } from "vesalius/recipes";
import { showAnswers } from "vesalius/tasks";
import { engine } from "../backend.ts";
import { sayCautions } from "../cautions.ts";
import { addModelDataOption, type ModelDataFlags, openLikeModel } from "../model-data.ts";
import { openModel } from "../open-model.ts";
import { jsonOption, nonNegativeInteger, positiveInteger, threadsOption, withExamples } from "../options.ts";
import { isEvaluation, overwriteOption, refuseExisting } from "../existing-files.ts";
import { createOutput } from "../output.ts";
import { addDataOptions, dataHelp, splitOf, splitOption } from "../sources.ts";
import { formatPairs } from "../table.ts";
import { timestamp } from "../timestamp.ts";

type Mapping = Readonly<Record<string, string | null>>;

interface Flags extends ModelDataFlags {
  readonly split: string;
  readonly class: Mapping;
  readonly resamples: number;
  readonly minimumSubgroup: number;
  readonly seed: number;
  readonly out?: string;
  readonly overwrite?: true;
  readonly threads?: number;
  readonly json?: true;
}

function collectClass(text: string, before: Mapping): Mapping {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("write the data's class, =, and the model's, or nothing after the =.");
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) || null };
}

/** Refuses to write over reports of something else, before any time is spent. */
async function refuseReport(folder: string, overwrite: true | undefined): Promise<void> {
  const asked = { flag: "--out", overwrite };
  const report = join(folder, "report.json");
  await refuseExisting(report, { ...asked, isOwn: isEvaluation });
  // The page belongs to the report beside it.
  if (!existsSync(report)) await refuseExisting(join(folder, "report.html"), asked);
}

/** Names the dataset in an error that names a split of it alone. */
async function inDataset<Result>(dataset: string, split: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof VesaliusError) || error.where?.startsWith(`split ${split}`) !== true) throw error;
    const { code, what, where, remedy } = error;
    throw new VesaliusError(code, what, {
      where: `${dataset}, ${where}`,
      ...(remedy === undefined ? {} : { fix: remedy }),
      cause: error,
    });
  }
}

export function evaluateCommand(): Command {
  const command = new Command("evaluate")
    .summary("evaluate a model on a split with known truth")
    .description(
      "Evaluates a saved model, whatever its task, on a split of a dataset: the metrics of the task with 95% intervals, overall, by part and by subgroup. Leaves report.json and report.html in --out.",
    )
    .argument("<model>", "folder of a saved model, in a run one of models/")
    .argument("<data>", dataHelp)
    .addOption(splitOption("validation"))
    .addOption(
      new Option(
        "--class <data=model>",
        "which class of the model one of the data's is, where their names differ; nothing after the = leaves it out; may be repeated",
      )
        .argParser(collectClass)
        .default({}, "none"),
    )
    .option("--resamples <count>", "bootstrap resamples of the intervals", positiveInteger, 1000)
    .option("--minimum-subgroup <count>", "subgroups with fewer cases get no metrics", positiveInteger, 20)
    .option("--seed <number>", "seed of the resamples", nonNegativeInteger, 0)
    .option("--out <folder>", "folder of the report (default: runs/evaluation-<time>)")
    .addOption(overwriteOption());
  addModelDataOption(addDataOptions(command))
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (folder: string, path: string, flags: Flags) => {
      const { resamples, seed, threads, minimumSubgroup, class: classes } = flags;
      const output = createOutput(flags.json === true);
      const out = flags.out ?? join("runs", `evaluation-${timestamp()}`);
      await refuseReport(out, flags.overwrite);
      const model = await openModel(folder, output);
      const { dataset, synthetic } = await openLikeModel(path, flags, model, output);
      const { card, unit } = dataset;
      const split = splitOf(dataset, flags.split);
      const cautions = sayCautions(dataset, [split], model, output);
      let read: FeedCounts = {};
      let measured: MeasuredAnswers | undefined;
      const backend = await engine(threads);
      const report = await inDataset(dataset.name, split.name, () =>
        evaluate(model, model.task, split, {
          resamples,
          seed,
          minimumSubgroupSize: minimumSubgroup,
          restricted: card.restricted,
          backend,
          onMeasured: (all) => (measured = all),
          onCounts: (more) => (read = addCounts(read, more)),
          ...(Object.keys(classes).length === 0 ? {} : { classes }),
        }),
      );
      const { restricted } = card;
      const shown = measured && (await showAnswers(model, model.task, split, measured, { restricted, backend }));
      await model.release();
      const { evaluation } = model.task;
      await saveEvaluation(report, out, evaluation, {
        title: card.title === "" ? dataset.name : card.title,
        subtitle: `Evaluation on the ${split.name} split`,
        unit,
        shown,
        ...(synthetic ? { notice: syntheticNotice } : {}),
      });
      output.note(researchUseNotice);
      for (const [part, text] of describeCounts(read)) output.note(`read as ${part}: ${text}`);
      const metrics = Object.entries(report.metrics).map(([name, estimate]) => {
        const metric = evaluation.metrics[name]!;
        return [labelOf(metric), estimateOfMetricText(metric, estimate)] as const;
      });
      const html = join(out, "report.html");
      const { count, withoutAnswer, withoutTruth, cost } = report;
      output.result(
        {
          notice: researchUseNotice,
          task: model.task.name,
          split: split.name,
          count,
          withoutAnswer,
          withoutTruth,
          read,
          cautions,
          metrics: report.metrics,
          cost,
          folder: out,
          report: html,
        },
        `${formatPairs([["Cases", `${count} ${unit}`], ...metrics])}\nreport: ${html}`,
      );
    });
  return withExamples(
    command,
    "vesalius evaluate runs/pneumonia/models/lora-seed1 ./data/pneumoniamnist --split validation",
    "vesalius evaluate runs/pneumonia/models/lora-seed1 ./films --split test --class healthy=normal --json",
  );
}
