import { Command } from "commander";
import { jsonOption, positiveNumber, threadsOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import {
  addBackboneFlags,
  addSeedFlag,
  addTrainingFlags,
  type BackboneFlags,
  backboneOf,
  type TrainingFlags,
  trainingOf,
} from "../recipe-flags.ts";
import { type RunFlags, runAndReport } from "../run-and-report.ts";
import { dataHelp, recipeSources } from "../sources.ts";

interface Flags extends RunFlags, BackboneFlags, TrainingFlags {
  readonly seed: number;
  readonly maskRatio?: number;
  readonly json?: true;
}

export function pretrainCommand(): Command {
  const command = new Command("pretrain")
    .summary("pretrain a backbone on unlabelled images")
    .description(
      "Pretrains a vision transformer by masked image modelling on the training images of one or several datasets; labels are not looked at. " +
        "The backbone is left in <out>/pretraining. This is a recipe with one stage: `vesalius run` knows every setting.",
    )
    .argument("<data...>", dataHelp)
    .option("--out <folder>", "folder of the run (default: runs/pretraining-<time>)")
    .option("--mask-ratio <share>", "share of the patches that is hidden, between 0 and 1", positiveNumber);
  addSeedFlag(addTrainingFlags(addBackboneFlags(command)))
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (paths: string[], flags: Flags) => {
      const { sources, data } = await recipeSources(paths);
      const recipe = {
        name: "pretraining",
        title: "Pretraining",
        seed: flags.seed,
        data: { pretraining: sources },
        backbone: { ...backboneOf(flags), positions: "sineCosine" as const },
        pretraining: {
          objective: {
            name: "maskedImageModelling" as const,
            ...(flags.maskRatio === undefined ? {} : { maskRatio: flags.maskRatio }),
          },
          ...trainingOf(flags),
        },
      };
      await runAndReport(
        recipe,
        { ...flags, ...(data === undefined ? {} : { data }) },
        createOutput(flags.json === true),
      );
    });
  return withExamples(
    command,
    "vesalius pretrain ./data/pneumoniamnist --epochs 60 --out runs/backbone",
    "vesalius pretrain ./data/mednist ./data/pneumoniamnist --preset tiny --image-size 28 --patch-size 4",
    "vesalius pretrain synthetic-radiographs --epochs 5",
  );
}
