import type { AnsweringPlace } from "../adaptation/index.ts";
import { type Feeds, lossesOf, type Split } from "../data/index.ts";
import type { Backbone } from "../models/index.ts";
import { fitTask, type Task, undefinedByData } from "../tasks/index.ts";
import { answeringPlace, checkHost } from "./answering-place.node.ts";
import { type Catalogues, feedCataloguesOf } from "./catalogues.ts";
import { columnsRead, feedsTo } from "./data/columns-read.ts";
import { type DataPlace, openRecipeData } from "./data/open-data.node.ts";
import type { RunData } from "./data/run-data.ts";
import { withNotes } from "./data/steps.ts";
import { checkEvaluated, definedMetric } from "./evaluated.ts";
import { nearest } from "../common/edit-distance.ts";
import { pretrainingStart } from "./pretraining-roles.ts";
import { RecipeProblem } from "./problems/recipe-error.ts";
import { methodNamed, type ResolvedRecipe } from "./resolve.ts";
import { smokeRecipe, smokeSplit } from "./smoke.ts";
import type { RunParts } from "./stages/run-parts.ts";
import { startDigest, startingBackbone } from "./starting-backbone.node.ts";

/** Whether a recipe trains on what it evaluates on. */
const trainsOn = ({ data: { task, pretraining = [] } }: ResolvedRecipe, split: string): boolean =>
  [task!, ...pretraining].some(
    (source) =>
      source["dataset"] === task!["dataset"] &&
      source["generator"] === task!["generator"] &&
      source.trainingSplit === split,
  );

/** The split that models are evaluated on. */
function evaluatedSplit(recipe: ResolvedRecipe, { task: dataset }: RunData): Split {
  const { evaluation } = recipe;
  const split = dataset!.splits[evaluation.split];
  if (split !== undefined && trainsOn(recipe, evaluation.split))
    throw new RecipeProblem(["evaluation", "split"], `${evaluation.split} is what the recipe trains on`);
  if (split !== undefined) return split;
  const others = Object.keys(dataset!.splits).filter((name) => !trainsOn(recipe, name));
  const remedy =
    others.length === 0
      ? "all that there is is trained on: divide the data with the key split (80/20) of the dataset"
      : `choose one of ${others.join(", ")}`;
  throw new RecipeProblem(["evaluation", "split"], `${dataset!.name} has no split ${evaluation.split}; ${remedy}`);
}

/** The metric that methods are compared by, and why it is not the one that a reader expects. */
interface ComparingMetric {
  readonly metric: string;
  readonly notes: readonly string[];
}

/**
 * The metric that methods are compared by: the recipe's, which the split must define, or the first that it does. Names of
 * metrics are checked against those of the task's evaluation.
 */
async function metricOf({ evaluation }: ResolvedRecipe, task: Task, split: Split): Promise<ComparingMetric> {
  const { metrics } = task.evaluation;
  const check = (name: string, path: readonly PropertyKey[]): string => {
    if (Object.hasOwn(metrics, name)) return name;
    const meant = nearest(name, Object.keys(metrics));
    const hint = meant === undefined ? `choose one of ${Object.keys(metrics).join(", ")}` : `did you mean ${meant}?`;
    throw new RecipeProblem(path, `${task.name} has no metric ${name}; ${hint}`);
  };
  evaluation.floors.forEach(({ metric }, i) => check(metric, ["evaluation", "floors", i, "metric"]));
  const path = ["evaluation", "metric"];
  const chosen = await definedMetric(task, split);
  const missing = undefinedByData(task, chosen.without).map(
    ([name, reason]) => `The metric ${name} is not defined on the split ${split.name}: ${reason}.`,
  );
  if (evaluation.metric === undefined)
    return {
      metric: chosen.metric,
      notes: chosen.reason === undefined ? missing : [`Methods are compared by ${chosen.metric}: ${chosen.reason}.`],
    };
  const why = chosen.without.get(check(evaluation.metric, path));
  if (why === undefined) return { metric: evaluation.metric, notes: missing };
  throw new RecipeProblem(
    path,
    `${evaluation.metric} is not defined on the split ${split.name}: ${why}; choose ${chosen.metric}, or a split that has it`,
  );
}

/** How a run is opened. */
interface OpenRunOptions extends DataPlace {
  readonly smoke?: boolean;
  /** Hosts that what examples say may be sent to. */
  readonly allowEndpoint?: readonly string[] | undefined;
  /** Whether no method is asked anything, so that nothing has to be allowed. */
  readonly asksNothing?: boolean;
}

/**
 * Opens everything that a recipe names and checks that it goes together, before any time is spent.
 *
 * @throws RecipeProblem for splits and metrics that do not exist; VesaliusError for data and weights that are not there or
 * do not fit
 */
export async function openRun(
  given: ResolvedRecipe,
  catalogues: Catalogues,
  { smoke = false, allowEndpoint, asksNothing = false, ...place }: OpenRunOptions = {},
): Promise<RunParts> {
  const recipe = smoke ? smokeRecipe(given, catalogues) : given;
  const start = await startingBackbone(recipe.backbone, catalogues, place);
  const own = await ownBackbones(recipe, catalogues, place);
  const answeredAt = answeringPlace(catalogues, place);
  const answers = asksNothing ? new Map() : await answersOf(recipe, catalogues, answeredAt, allowEndpoint ?? []);
  const whole = await openRecipeData(recipe, catalogues, place, pretrainingColumns(recipe, start, catalogues));
  const task =
    recipe.adaptation === undefined ? undefined : fitTask(recipe.task!, whole.task!, whole.train, catalogues);
  const evaluated = task === undefined ? undefined : evaluatedSplit(recipe, whole);
  task?.check(whole.train!, "training");
  if (task !== undefined) checkEvaluated(task, evaluated!, whole.task!, whole.train!);
  const losses = [
    ...(task === undefined
      ? []
      : lossesTo(
          [start, ...[...own.values()].map((method) => method.start)],
          [whole.train!, evaluated!],
          (backbone) => task.feeds(backbone),
          catalogues,
        )),
    ...(whole.pretraining === undefined
      ? []
      : lossesTo(
          [pretrainingStart(start, recipe.pretraining!)],
          [whole.pretraining],
          objectiveFeeds(recipe, catalogues),
          catalogues,
        )),
  ];
  const chosen = task === undefined ? undefined : await metricOf(recipe, task, evaluated!);
  const examined = [
    ...((await task?.examine?.(whole.train!, "training")) ?? []),
    ...((await task?.examine?.(evaluated!, "evaluation")) ?? []),
  ];
  const notes = [...losses, ...examined, ...(chosen?.notes ?? [])];
  const few = (split: Split | undefined, of?: Task): Split | undefined =>
    split === undefined || !smoke ? split : smokeSplit(split, of, recipe.seed);
  return {
    recipe,
    catalogues,
    feedCatalogues: feedCataloguesOf(catalogues),
    data: {
      ...whole,
      datasets: whole.datasets.map((dataset, i) => (i === 0 ? withNotes(dataset, [...new Set(notes)]) : dataset)),
      train: few(whole.train, task),
      pretraining: few(whole.pretraining),
      heldOut: few(whole.heldOut),
      shown: few(whole.shown),
    },
    start,
    startDigest: startDigest(start),
    own,
    place: answeredAt,
    answers,
    task,
    metric: chosen?.metric,
    evaluated: few(evaluated, task),
    unit: (whole.task ?? whole.datasets[0]!).unit,
    smoke,
  };
}

/** What decides the answers of methods that train nothing, by their labels. */
async function answersOf(
  { adaptation }: ResolvedRecipe,
  catalogues: Catalogues,
  place: AnsweringPlace,
  allowed: readonly string[],
): Promise<RunParts["answers"]> {
  const found = new Map<string, unknown>();
  for (const method of adaptation?.methods ?? []) {
    const { answering } = methodNamed(method, catalogues);
    if (answering === undefined) continue;
    checkHost(method.label, answering, allowed);
    found.set(method.label, await answering.identify(place));
  }
  return found;
}

/** The backbones of methods that do not start from the recipe's. */
async function ownBackbones(
  { adaptation }: ResolvedRecipe,
  catalogues: Catalogues,
  place: DataPlace,
): Promise<RunParts["own"]> {
  const own = new Map<string, Pick<RunParts, "start" | "startDigest">>();
  for (const { label, backbone } of adaptation?.methods ?? []) {
    if (backbone === undefined) continue;
    const start = await startingBackbone(backbone, catalogues, place);
    own.set(label, { start, startDigest: startDigest(start) });
  }
  return own;
}

/** What the objective of a recipe's pretraining feeds. */
function objectiveFeeds({ pretraining }: ResolvedRecipe, catalogues: Catalogues): (backbone: Backbone) => Feeds {
  const objective = catalogues.objectives.create(pretraining!.objective);
  return (backbone) => objective.feeds(backbone);
}

/** What backbones do not see of splits because of the size and channels that they read. */
const lossesTo = (
  backbones: readonly Backbone[],
  splits: readonly Split[],
  feeds: (backbone: Backbone) => Feeds,
  { encoders }: Catalogues,
): string[] => backbones.flatMap((backbone) => lossesOf(splits, feedsTo(backbone, feeds), encoders));

/** Names of the columns that a recipe's pretraining reads. */
function pretrainingColumns(recipe: ResolvedRecipe, start: Backbone, catalogues: Catalogues): string[] {
  if (recipe.pretraining === undefined) return [];
  return columnsRead(pretrainingStart(start, recipe.pretraining), objectiveFeeds(recipe, catalogues));
}
