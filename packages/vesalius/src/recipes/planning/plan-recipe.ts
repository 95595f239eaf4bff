import { VesaliusError } from "../../common/errors.ts";
import { type Dataset, lossesOf, type Split } from "../../data/index.ts";
import { stratifiedSample } from "../../data/dataset/index.ts";
import type { Backbone } from "../../models/index.ts";
import type { Backend } from "../../runtime/index.ts";
import { fitTask, type Task } from "../../tasks/index.ts";
import { builtIn, type Catalogues, feedCataloguesOf } from "../catalogues.ts";
import { formatNumber } from "../../report/format.ts";
import type { RecipeInput } from "../schema.ts";
import { feedsTo } from "../data/columns-read.ts";
import { checkEvaluated, definedMetric } from "../evaluated.ts";
import { backboneInput } from "./backbone-input.ts";
import { type ChosenNetwork, pretrainedNetwork, type ReadableParts, suggestNetworks } from "./choose-network.ts";
import { objectiveFor } from "./choose-objective.ts";
import { type ChosenTask, chooseTask } from "./choose-task.ts";
import { type Trial, tryOut } from "./trial.ts";

/** What a plan is made for. */
export interface PlanRecipeOptions {
  /** How a recipe names the data. */
  readonly source: NonNullable<RecipeInput["data"]["task"]>;
  readonly backend: Backend;
  /** Memory of the machine that a training may use, in bytes. */
  readonly memory: number;
  /** Minutes that a run of the recipe may take, about; 10 by default. */
  readonly minutes?: number;
  readonly name?: string;
  readonly seed?: number;
  /** Split to evaluate on; validation where there is one, otherwise the first that is not training. */
  readonly split?: string;
  /** A pretrained backbone, and the folder that it was loaded from; otherwise one is chosen from the catalogue. */
  readonly pretrained?: { readonly folder: string; readonly backbone: Backbone };
  /** Only this network of the catalogue. */
  readonly network?: string;
  /** Names of the methods; chosen by what there is to start from where they are left out. */
  readonly methods?: readonly string[];
  /** Whether to pretrain on the data first, where an objective fits; by default where there are enough of them. */
  readonly pretraining?: boolean;
  readonly catalogues?: Catalogues;
}

/** A choice of a plan with its reason. */
export interface Reason {
  /** Keys of the recipe from the top. */
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** A recipe for data that nobody has trained on, and why it is as it is. */
export interface PlannedRecipe {
  readonly recipe: RecipeInput;
  readonly reasons: readonly Reason[];
  /** What was left out or changed while the data were read, as their card says, and what the network does not see of them. */
  readonly cautions: readonly string[];
  /** Seconds that the whole run takes, about. */
  readonly seconds: number;
}

/** Fewer examples than this are not pretrained on: they show little that adaptation does not. */
const fewestForPretraining = 500;
/** Steps of pretraining for each of an adaptation. */
const pretrainingLength = 2;
const sampleSize = 48;
const trialBatch = 2;
/** Times that training sees each example, where time allows. */
const epochsWanted = 30;
const fewestSteps = 200;
const mostSteps = 3000;
/** Largest share of the memory for the values of one step. */
const memoryShare = 0.25;

/** A few examples of a split, each stratum among them where that is possible. */
function sampleOf(split: Split, task: Task, seed: number): Split {
  const strata = task.strata?.(split);
  const kinds = new Set(strata?.filter((stratum) => stratum >= 0)).size;
  const count = Math.min(split.length, Math.max(sampleSize, kinds));
  return stratifiedSample(split, count, seed, strata);
}

/** Limits of a step's size. */
interface BatchLimits {
  /** Training examples. */
  readonly examples: number;
  /** Bytes. */
  readonly memory: number;
  /** Seconds for one training. */
  readonly seconds: number;
}

/** Examples of a step: 32, fewer where memory, data or time are short: many small steps learn more than a few large ones. */
function batchSizeFor(trial: Trial, { examples, memory, seconds }: BatchLimits): number {
  const fits = Math.floor((memoryShare * memory) / Math.max(1, trial.bytesPerExample));
  const inTime = Math.floor((seconds * trialBatch) / trial.secondsPerStep / fewestSteps);
  const wanted = Math.min(32, Math.max(4, Math.floor(examples / 10)), Math.max(2, inTime), Math.max(1, fits));
  return 2 ** Math.floor(Math.log2(wanted));
}

interface TriedNetwork {
  readonly network: ChosenNetwork;
  readonly trial: Trial;
}

/** The first network in the catalogue's order that trains on the task. */
async function firstThatTrains(
  networks: readonly ChosenNetwork[],
  task: Task,
  train: Split,
  options: PlanRecipeOptions,
): Promise<TriedNetwork> {
  const { catalogues = builtIn, backend, seed = 0 } = options;
  const sample = sampleOf(train, task, seed);
  const failures: { readonly name: string; readonly error: VesaliusError }[] = [];
  for (const network of networks) {
    try {
      const settings = { batchSize: trialBatch, backend, catalogues: feedCataloguesOf(catalogues) };
      return { network, trial: await tryOut(network.backbone, task, sample, settings) };
    } catch (error) {
      if (!(error instanceof VesaliusError)) throw error;
      failures.push({ name: network.name, error });
    }
  }
  const reasons = new Set(failures.map(({ error }) => error.what));
  // What every network says is said of the data.
  if (reasons.size === 1) throw failures[0]!.error;
  throw new VesaliusError("bad-data", `no network goes with these data and the task ${task.name}`, {
    fix:
      failures.length === 0
        ? "write a recipe by hand"
        : failures.map(({ name, error }) => `${name}: ${error.what}`).join("; "),
  });
}

function trainingSplit({ splits, name }: Dataset): Split {
  const { train } = splits;
  if (train !== undefined) return train;
  throw new VesaliusError("bad-data", "there is no training split", { where: name });
}

/** The split that models are evaluated on: validation where there is one, otherwise the first that is not training. */
function evaluationSplit({ splits, name }: Dataset, asked: string | undefined): string {
  const others = Object.keys(splits).filter((split) => split !== "train");
  const split = asked ?? others.find((one) => one === "validation") ?? others[0];
  if (split !== undefined && others.includes(split)) return split;
  if (split !== undefined)
    throw new VesaliusError("bad-argument", `the data have no split ${split} to evaluate on`, {
      where: name,
      fix: `choose one of ${others.join(", ")}`,
    });
  throw new VesaliusError("bad-data", "there is no split to evaluate on", {
    where: name,
    fix: (option) => `provide one, or divide the data with ${option("split", "80/20")}`,
  });
}

/**
 * Plans a recipe for data that nobody has trained on: infers the task from the kinds of column, chooses a network that
 * reads the others and its size from their typical sizes and lengths, tries it for a few steps, and fits batch and steps
 * to data, machine and time, as nnU-Net does for volumes (Isensee et al. 2021).
 *
 * @throws VesaliusError `bad-data` for data without something to predict, to read or to evaluate on
 */
export async function planRecipe(dataset: Dataset, options: PlanRecipeOptions): Promise<PlannedRecipe> {
  const { catalogues = builtIn, minutes = 10, seed = 0, source, memory } = options;
  const train = trainingSplit(dataset);
  const split = evaluationSplit(dataset, options.split);
  const chosen = chooseTask(train, catalogues, dataset.name);
  const task = fitTask({ ...chosen.settings, name: chosen.name }, dataset, train, catalogues);
  task.check(train, "training");
  checkEvaluated(task, dataset.splits[split]!, dataset, train);
  const { metric, reason } = await definedMetric(task, dataset.splits[split]!);
  const examined = [
    ...((await task.examine?.(train, "training")) ?? []),
    ...((await task.examine?.(dataset.splits[split]!, "evaluation")) ?? []),
  ];
  const networks = networksFor(train, chosen, options);
  const { network, trial } = await firstThatTrains(networks, task, train, options);
  const { objective, methods } = learningFor(network, train, options);
  const trainings = methods.length + (objective === undefined ? 0 : pretrainingLength);
  const available = (60 * minutes) / trainings;
  const batchSize = batchSizeFor(trial, { examples: train.length, memory, seconds: available });
  // A step of the trial had two examples.
  const secondsPerStep = (trial.secondsPerStep * batchSize) / trialBatch;
  const affordable = Math.max(1, Math.floor(available / secondsPerStep));
  const wanted = Math.min(mostSteps, Math.max(fewestSteps, Math.round((epochsWanted * train.length) / batchSize)));
  const steps = Math.min(wanted, affordable);
  const recipe = {
    name: options.name ?? "planned",
    title: `${dataset.card.title === "" ? dataset.name : dataset.card.title}: planned`,
    seed,
    data: { task: source },
    backbone: backboneInput(network),
    ...(objective === undefined
      ? {}
      : { pretraining: { objective: { name: objective }, steps: pretrainingLength * steps, batchSize } }),
    task: { name: chosen.name, ...chosen.settings },
    adaptation: { steps, batchSize, methods: methods.map((name) => ({ name })) },
    evaluation: { split, metric },
  } satisfies RecipeInput;
  const choices = { dataset, train, chosen, network, trial, batchSize, steps, wanted, minutes, objective, split };
  const feeds = feedsTo(network.backbone, (backbone) => task.feeds(backbone));
  const reasons = reasonsOf({ ...choices, secondsPerStep });
  if (reason !== undefined) reasons.push({ path: ["evaluation", "metric"], text: reason });
  return {
    recipe,
    seconds: trainings * steps * secondsPerStep,
    reasons,
    cautions: [
      ...dataset.card.cautions,
      ...examined,
      ...lossesOf([train, dataset.splits[split]!], feeds, catalogues.encoders),
    ],
  };
}

/** The pretrained network, or those of the catalogue that read the data. */
function networksFor(train: Split, parts: ReadableParts, options: PlanRecipeOptions): ChosenNetwork[] {
  const { catalogues = builtIn, pretrained, network } = options;
  if (pretrained !== undefined)
    return [pretrainedNetwork(pretrained.backbone, pretrained.folder, train, parts, catalogues)];
  return suggestNetworks(train, parts, catalogues).filter(({ name }) => network === undefined || name === network);
}

/** Objective and methods: what is to be compared follows from what there is to start from. */
function learningFor(network: ChosenNetwork, train: Split, options: PlanRecipeOptions) {
  const { catalogues = builtIn, methods: given } = options;
  const needsPretrained = given?.some((name) => !methodIsPlain(name, catalogues)) ?? false;
  const wanted =
    options.pretraining ?? (needsPretrained || (given === undefined && train.length >= fewestForPretraining));
  const objective = network.weights === undefined && wanted ? objectiveFor(network, train, catalogues) : undefined;
  const starts = network.weights !== undefined || objective !== undefined;
  return { objective, methods: given ?? (starts ? ["scratch", "fullFineTuning"] : ["scratch"]) };
}

/** Whether a method needs no pretrained backbone; one that needs settings of its own is taken to need one. */
function methodIsPlain(name: string, { methods }: Catalogues): boolean {
  return methods.entry(name).settings.safeParse({}).success && !methods.create({ name }).pretrained;
}

interface Choices {
  readonly dataset: Dataset;
  readonly train: Split;
  readonly chosen: ChosenTask;
  readonly network: ChosenNetwork;
  readonly trial: Trial;
  readonly batchSize: number;
  readonly steps: number;
  readonly wanted: number;
  readonly minutes: number;
  readonly objective: string | undefined;
  readonly split: string;
  readonly secondsPerStep: number;
}

/** Why the recipe is as it is, key by key. */
function reasonsOf(choices: Choices): Reason[] {
  const { dataset, train, chosen, network, trial, batchSize, steps, wanted, minutes, objective, split } = choices;
  const { unit } = dataset;
  const reads = Object.entries(network.facts).map(
    ([role, { kind }]) => `${network.inputs[role]!.join(", ")} (${kind})`,
  );
  const epochs = formatNumber((steps * batchSize) / train.length, 1);
  const perStep = `${formatNumber(choices.secondsPerStep, 2)} s a step on this machine`;
  const others = chosen.others.length === 0 ? "" : `; the data would also allow ${chosen.others.join(", ")}`;
  return [
    { path: ["data"], text: `${formatNumber(train.length, 0)} training ${unit}` },
    {
      path: ["backbone"],
      text: `reads ${reads.join(" and ")}; ${formatNumber(trial.parameters, 0)} parameters`,
    },
    ...Object.entries(network.suggestion.reasons).map(([key, text]) => ({
      path: ["backbone", ...key.split(".")],
      text,
    })),
    ...(objective === undefined
      ? []
      : [{ path: ["pretraining"], text: `on the same ${unit}, without what is to be predicted` }]),
    { path: ["task"], text: `${chosen.reason}${others}` },
    {
      path: ["adaptation", "steps"],
      text: `${epochs} passes over the ${unit}, ${perStep}${steps < wanted ? `, as many as ${minutes} minutes allow` : ""}`,
    },
    {
      path: ["adaptation", "batchSize"],
      text: `${formatNumber((batchSize * trial.bytesPerExample) / 2 ** 20, 0)} MiB of values in a step`,
    },
    {
      path: ["evaluation", "split"],
      text: `${formatNumber(dataset.splits[split]!.length, 0)} ${unit} that training does not see`,
    },
  ];
}
