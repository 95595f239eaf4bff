import { z } from "zod";
import type { Spec } from "../common/index.ts";
import { openingShape } from "../data/index.ts";
import { pickTraining, resolveTraining, type TrainingSettings } from "../training/index.ts";
import type { Catalogues } from "./catalogues.ts";
import { RecipeProblem } from "./problems/recipe-error.ts";
import { type BackboneSettings, isLoaded, resolveBackbone, resolveRoles, type Roles } from "./resolve/backbone.ts";
import { type LabelledSpec, resolveBaselines } from "./resolve/baselines.ts";
import { resolveStudies } from "./resolve/studies.ts";
import type { DataSource } from "./schema/data.ts";
import type { ParsedRecipe } from "./schema.ts";

/** A source of data with everything that may be said of it. */
export type ResolvedSource = Exclude<DataSource, string>;

/** How training reads its examples; what is left out is the objective's or the task's own way. */
export interface FeedSettings {
  readonly transforms?: readonly Spec[];
  readonly together?: readonly Spec[];
  readonly sampler?: Spec;
}

/** Pretraining with every setting. */
export type PretrainingSettings = TrainingSettings &
  FeedSettings &
  Roles & {
    readonly objective: Spec;
    readonly eachSeed: boolean;
    readonly heldOut?: string;
    readonly seeds?: readonly number[];
  };

/** A method with every setting of its training. */
export type ResolvedMethod = Spec &
  // A method that trains nothing has no settings of training.
  Partial<TrainingSettings> &
  FeedSettings & {
    readonly label: string;
    /** A network in place of the recipe's. */
    readonly backbone?: BackboneSettings;
  };

/** A recipe in which nothing is left to a default but what the data decide: what a run's folder keeps, itself a recipe. */
export interface ResolvedRecipe {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly seed: number;
  readonly data: { readonly pretraining?: readonly ResolvedSource[]; readonly task?: ResolvedSource };
  readonly backbone: BackboneSettings;
  readonly pretraining?: PretrainingSettings;
  readonly task?: Spec;
  readonly adaptation?: { readonly seeds: readonly number[]; readonly methods: readonly ResolvedMethod[] };
  readonly studies?: readonly Spec[];
  readonly evaluation: Omit<ParsedRecipe["evaluation"], "baselines"> & { readonly baselines: readonly LabelledSpec[] };
}

/** A dataset of which nothing but its folder is said. */
const folder = (dataset: string): ResolvedSource => {
  const { reader: _reader, ...opening } = openingShape;
  return { dataset, ...z.object(opening).parse({}), trainingSplit: "train", steps: [] };
};

const named = (source: DataSource): ResolvedSource => (typeof source === "string" ? folder(source) : source);

/** What a thing is called before what it is set to, as a person writes it. */
const nameFirst = ({ name, ...settings }: Spec): Spec => ({ name, ...settings });

const feedKeys = ["transforms", "together", "sampler"] as const;

/** Only the keys that say how training reads its examples. */
export const pickFeeds = (from: {
  readonly [Key in keyof FeedSettings]: FeedSettings[Key] | undefined;
}): FeedSettings => Object.fromEntries(feedKeys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));

function resolveData(recipe: ParsedRecipe): ResolvedRecipe["data"] {
  const { task, pretraining: given = task } = recipe.data;
  if (recipe.pretraining !== undefined && given === undefined)
    throw new RecipeProblem(["data", "pretraining"], "pretraining needs data; name one or several sources");
  const sources = given === undefined || Array.isArray(given) ? given : [given];
  return {
    ...(recipe.pretraining === undefined || sources === undefined ? {} : { pretraining: sources.map(named) }),
    ...(task === undefined ? {} : { task: named(task) }),
  };
}

function resolvePretraining(recipe: ParsedRecipe, catalogues: Catalogues): PretrainingSettings | undefined {
  const { pretraining } = recipe;
  if (pretraining === undefined) return undefined;
  const { objective, eachSeed, heldOut, seeds } = pretraining;
  if (eachSeed && recipe.adaptation === undefined)
    throw new RecipeProblem(
      ["pretraining", "eachSeed"],
      "there is no adaptation whose seeds pretraining could follow; leave the key out, or add a section adaptation",
    );
  if (seeds !== undefined && recipe.adaptation !== undefined)
    throw new RecipeProblem(
      ["pretraining", "seeds"],
      "a run that adapts has the seeds of adaptation; set eachSeed to pretrain once for each of them",
    );
  const made = catalogues.objectives.create(objective);
  if (heldOut !== undefined && made.measure === undefined)
    throw new RecipeProblem(
      ["pretraining", "heldOut"],
      `the objective ${made.name} measures nothing on examples that it does not learn from; leave the key out`,
    );
  const settings = resolveTraining(made.defaults ?? {}, pickTraining(pretraining));
  const roles = resolveRoles(pretraining, resolveBackbone(recipe.backbone, catalogues), catalogues, ["pretraining"]);
  const measured = { ...(heldOut === undefined ? {} : { heldOut }), ...(seeds === undefined ? {} : { seeds }) };
  return { objective: nameFirst(objective), eachSeed, ...measured, ...roles, ...pickFeeds(pretraining), ...settings };
}

function resolveMethod(
  method: NonNullable<ParsedRecipe["adaptation"]>["methods"][number],
  shared: NonNullable<ParsedRecipe["adaptation"]>,
  catalogues: Catalogues,
  at: readonly PropertyKey[],
): ResolvedMethod {
  const made = methodNamed(method, catalogues);
  if (made.answering !== undefined) return resolveAnswering(method, made, catalogues, at);
  const { defaults, frozenFeatures } = made;
  const training = resolveTraining(defaults, pickTraining(shared), pickTraining(method));
  const feeds = { ...pickFeeds(shared), ...pickFeeds(method) };
  return {
    ...ownOf(method, catalogues),
    label: method.label ?? method.name,
    ...(method.backbone === undefined ? {} : { backbone: resolveBackbone(method.backbone, catalogues, at) }),
    ...feeds,
    ...training,
    // Frozen features are computed once, so their inputs are never changed; the recipe should not say otherwise.
    ...(frozenFeatures === true ? { transforms: [], together: [] } : {}),
  };
}

/** A method that trains nothing: settings of training would change nothing, and are refused. */
function resolveAnswering(
  method: NonNullable<ParsedRecipe["adaptation"]>["methods"][number],
  { name, pretrained }: { readonly name: string; readonly pretrained: boolean },
  catalogues: Catalogues,
  at: readonly PropertyKey[],
): ResolvedMethod {
  const [idle] = Object.keys({ ...pickFeeds(method), ...pickTraining(method) });
  if (idle !== undefined)
    throw new RecipeProblem(
      [...at, idle],
      `${name} trains nothing, so that ${idle} would change nothing; leave it out`,
    );
  if (method.backbone !== undefined && !pretrained)
    throw new RecipeProblem([...at, "backbone"], `${name} does not use the backbone as it is set; leave the key out`);
  return {
    ...ownOf(method, catalogues),
    label: method.label ?? method.name,
    ...(method.backbone === undefined ? {} : { backbone: resolveBackbone(method.backbone, catalogues, at) }),
  };
}

/** A method as its catalogue makes it. */
export const methodNamed = (method: Spec, catalogues: Pick<Catalogues, "methods">) =>
  catalogues.methods.create(ownOf(method, catalogues));

/** A method without the keys that belong to its place in a recipe. */
export function ownOf(method: Spec, { methods }: Pick<Catalogues, "methods">): Spec {
  const keys = Object.keys(methods.entry(method.name).settings.shape);
  return {
    name: method.name,
    ...Object.fromEntries(Object.entries(method).filter(([key]) => keys.includes(key))),
  };
}

function resolveAdaptation(recipe: ParsedRecipe, catalogues: Catalogues): ResolvedRecipe["adaptation"] {
  const { adaptation } = recipe;
  if (adaptation === undefined) return undefined;
  if (recipe.data.task === undefined)
    throw new RecipeProblem(
      ["data", "task"],
      "adaptation needs data with what is to be learned; name the task's dataset",
    );
  if (recipe.task === undefined)
    throw new RecipeProblem(
      ["task"],
      `adaptation needs a task; choose one of ${catalogues.tasks.names.join(", ") || "none"}`,
    );
  const placeOf = (i: number): PropertyKey[] => ["adaptation", "methods", i];
  const methods = adaptation.methods.map((method, i) => resolveMethod(method, adaptation, catalogues, placeOf(i)));
  const pretrained = recipe.pretraining !== undefined || "weights" in recipe.backbone;
  methods.forEach((method, i) => {
    const at = placeOf(i);
    if (methods.findIndex(({ label }) => label === method.label) < i)
      throw new RecipeProblem(at, `two methods are called ${method.label}; give one of them another label`);
    const startsTrained = method.backbone === undefined ? pretrained : isLoaded(method.backbone);
    if (methodNamed(method, catalogues).pretrained && !startsTrained)
      throw new RecipeProblem(
        at,
        method.backbone === undefined
          ? `${method.label} needs a pretrained backbone; add a section pretraining, or name one with backbone.weights`
          : `${method.label} needs a pretrained backbone, and its own is not; name one with weights, or leave it out`,
      );
  });
  return { seeds: adaptation.seeds ?? [recipe.seed], methods };
}

/**
 * Fills in every default that follows from another key: the network's settings, those of each method, the seeds.
 * Resolving a resolved recipe changes nothing.
 *
 * @throws RecipeProblem for parts that do not fit together: a method that needs pretraining without it, labels of methods
 * that repeat or do not exist, a stage without its data
 */
export function resolveRecipe(recipe: ParsedRecipe, catalogues: Catalogues): ResolvedRecipe {
  const { name, title = name, description, seed, task, evaluation } = recipe;
  if (recipe.pretraining === undefined && recipe.adaptation === undefined)
    throw new RecipeProblem([], "there is nothing to do; add a section pretraining or adaptation");
  const data = resolveData(recipe);
  const pretraining = resolvePretraining(recipe, catalogues);
  const adaptation = resolveAdaptation(recipe, catalogues);
  const studies = resolveStudies(recipe, adaptation, catalogues);
  return {
    name,
    title,
    ...(description === undefined ? {} : { description }),
    seed,
    data,
    backbone: resolveBackbone(recipe.backbone, catalogues),
    ...(pretraining === undefined ? {} : { pretraining }),
    ...(task === undefined ? {} : { task: nameFirst(task) }),
    ...(adaptation === undefined ? {} : { adaptation }),
    ...(studies === undefined ? {} : { studies }),
    evaluation: { ...evaluation, baselines: resolveBaselines(recipe, adaptation) },
  };
}
