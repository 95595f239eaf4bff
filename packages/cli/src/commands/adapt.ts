import { Command, Option } from "commander";
import { VesaliusError } from "vesalius";
import type { RecipeInput } from "vesalius/recipes";
import { jsonOption, positiveInteger, positiveNumber, threadsOption, withExamples } from "../options.ts";
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

type Method = NonNullable<RecipeInput["adaptation"]>["methods"][number];

const methodNames = [
  "lora",
  "bottleneckAdapter",
  "ia3",
  "prefixTuning",
  "visualPrompts",
  "fullFineTuning",
  "linearProbe",
  "partialFineTuning",
  "scratch",
] as const;

interface Flags extends RunFlags, BackboneFlags, TrainingFlags {
  readonly seed: number;
  readonly backbone?: string;
  readonly method: (typeof methodNames)[number];
  readonly rank?: number;
  readonly layerDecay?: number;
  readonly parameters?: string[];
  readonly split: "validation" | "test";
  readonly positiveClass?: string;
  readonly json?: true;
}

/** The settings that belong to one method only, each with the flag that sets it. */
function methodOf({ method, rank, layerDecay, parameters }: Flags): Method {
  const foreign = [
    [rank, "--rank", "lora"],
    [layerDecay, "--layer-decay", "fullFineTuning"],
    [parameters, "--parameters", "partialFineTuning"],
  ].find(([value, , owner]) => value !== undefined && owner !== method);
  if (foreign !== undefined)
    throw new VesaliusError(
      "bad-argument",
      `${String(foreign[1])} belongs to the method ${String(foreign[2])}, not to ${method}`,
      {
        fix: "leave it out or choose the other method",
      },
    );
  switch (method) {
    case "lora":
      return { name: method, ...(rank === undefined ? {} : { rank }) };
    case "fullFineTuning":
      return { name: method, ...(layerDecay === undefined ? {} : { layerDecay }) };
    case "partialFineTuning":
      return { name: method, parameters: parameters ?? [] };
    default:
      return { name: method };
  }
}

export function adaptCommand(): Command {
  const command = new Command("adapt")
    .summary("adapt a pretrained backbone to labelled images")
    .description(
      "Adapts a pretrained backbone to the classes of a dataset and evaluates the result. The model is left in <out>/models. " +
        "This is a recipe with one method: `vesalius run` compares several and knows every setting.",
    )
    .argument("<data>", dataHelp)
    .option("--backbone <folder>", "pretrained backbone: <run>/pretraining; without it only the method scratch works")
    .addOption(new Option("--method <name>", "how to adapt").choices(methodNames).default("lora"))
    .option("--rank <number>", "rank of lora", positiveInteger)
    .option(
      "--layer-decay <factor>",
      "fall of the learning rate from layer to layer, of fullFineTuning",
      positiveNumber,
    )
    .option("--parameters <patterns...>", "parameters to train, of partialFineTuning, for example blocks.3.*")
    .addOption(
      new Option("--split <name>", "split to evaluate on").choices(["validation", "test"]).default("validation"),
    )
    .option("--positive-class <name>", "class that a clinician would call positive")
    .option("--out <folder>", "folder of the run (default: runs/adaptation-<time>)");
  addSeedFlag(addTrainingFlags(addBackboneFlags(command)))
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (path: string, flags: Flags) => {
      const { sources, data } = await recipeSources([path]);
      const recipe: RecipeInput = {
        name: "adaptation",
        title: "Adaptation",
        seed: flags.seed,
        data: { task: sources[0] },
        backbone: flags.backbone === undefined ? backboneOf(flags) : { weights: flags.backbone },
        adaptation: { ...trainingOf(flags), methods: [methodOf(flags)] },
        evaluation: {
          split: flags.split,
          ...(flags.positiveClass === undefined ? {} : { positiveClass: flags.positiveClass }),
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
    "vesalius adapt ./data/pneumoniamnist --backbone runs/backbone/pretraining --method lora --rank 8",
    "vesalius adapt ./data/pneumoniamnist --backbone runs/backbone/pretraining --method linearProbe --json",
    "vesalius adapt synthetic-radiographs --method scratch --epochs 5",
  );
}
