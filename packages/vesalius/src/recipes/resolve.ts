import { VesaliusError } from "../common/errors.ts";
import type { TransformSpec } from "../data/index.ts";
import { type BackboneSettings, resolveBackbone } from "./schema/backbone.ts";
import type { DataSource } from "./schema/data-sources.ts";
import { createMethod, type MethodSettings } from "./schema/methods.ts";
import type { EvaluationSettings, ParsedRecipe, PretrainingSettings } from "./schema.ts";

/** A method with every setting of its training. */
export type ResolvedMethod = MethodSettings & {
  readonly label: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmupFraction: number;
  readonly clipNorm: number;
  readonly transforms: TransformSpec[];
};

/** A recipe in which nothing is left to a default: what a run's folder keeps, and itself a recipe. */
export interface ResolvedRecipe {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly seed: number;
  readonly data: { readonly pretraining?: DataSource[]; readonly task?: DataSource };
  readonly backbone: BackboneSettings;
  readonly pretraining?: PretrainingSettings;
  readonly adaptation?: {
    readonly seeds: number[];
    readonly labelSmoothing: number;
    readonly methods: ResolvedMethod[];
  };
  readonly labelEfficiency?: {
    readonly counts: (number | "all")[];
    readonly methods: string[];
    readonly seeds: number[];
    readonly steps: number;
  };
  readonly evaluation: EvaluationSettings;
}

const bad = (what: string, where: string, fix: string): VesaliusError =>
  new VesaliusError("bad-configuration", what, { where, fix });

function resolveMethod(
  method: MethodSettings,
  { seeds: _seeds, methods: _methods, labelSmoothing: _smoothing, ...shared }: NonNullable<ParsedRecipe["adaptation"]>,
): ResolvedMethod {
  const { defaults, frozenFeatures } = createMethod(method);
  const given = Object.fromEntries(
    [...Object.entries(shared), ...Object.entries(method)].filter(([, value]) => value !== undefined),
  );
  const resolved = {
    name: method.name,
    label: method.name,
    ...defaults,
    warmupFraction: 0.1,
    clipNorm: 1,
    transforms: [],
    ...given,
  } as unknown as ResolvedMethod;
  // Frozen features are computed once, so their images are never changed; the recipe should not say otherwise.
  return frozenFeatures === true ? { ...resolved, transforms: [] } : resolved;
}

function resolveAdaptation(recipe: ParsedRecipe): ResolvedRecipe["adaptation"] {
  const { adaptation } = recipe;
  if (adaptation === undefined) return undefined;
  if (recipe.data.task === undefined)
    throw bad("adaptation needs labelled images", "data.task", "name the task's dataset");
  const methods = adaptation.methods.map((method) => resolveMethod(method, adaptation));
  methods.forEach((method, i) => {
    if (methods.findIndex(({ label }) => label === method.label) < i)
      throw bad(`two methods are called ${method.label}`, `adaptation.methods[${i}]`, "give one of them another label");
    const pretrained = recipe.pretraining !== undefined || recipe.backbone.weights !== undefined;
    if (createMethod(method).pretrained && !pretrained)
      throw bad(
        `${method.label} needs a pretrained backbone`,
        `adaptation.methods[${i}]`,
        "add a section pretraining, or name one with backbone.weights",
      );
  });
  return { seeds: adaptation.seeds ?? [recipe.seed], labelSmoothing: adaptation.labelSmoothing, methods };
}

function resolveLabelEfficiency(
  recipe: ParsedRecipe,
  adaptation: ResolvedRecipe["adaptation"],
): ResolvedRecipe["labelEfficiency"] {
  const { labelEfficiency } = recipe;
  if (labelEfficiency === undefined) return undefined;
  if (adaptation === undefined)
    throw bad(
      "label efficiency compares the methods of an adaptation, and there is none",
      "labelEfficiency",
      "add a section adaptation",
    );
  const known = adaptation.methods.map(({ label }) => label);
  const methods = labelEfficiency.methods ?? known;
  const unknown = methods.findIndex((label) => !known.includes(label));
  if (unknown >= 0)
    throw bad(
      `no method is called ${methods[unknown]}`,
      `labelEfficiency.methods[${unknown}]`,
      `choose from ${known.join(", ")}`,
    );
  const { counts, steps, seeds = adaptation.seeds } = labelEfficiency;
  return { counts, methods, seeds, steps };
}

/**
 * Fills in every default that follows from another key: the backbone's shape, the settings of each method, the seeds.
 * Resolving a resolved recipe changes nothing.
 *
 * @throws VesaliusError `bad-configuration` for parts that do not fit together: a method that needs pretraining without
 * it, labels of methods that repeat or do not exist, a stage without its data
 */
export function resolveRecipe(recipe: ParsedRecipe): ResolvedRecipe {
  const { name, title = name, description, seed, pretraining, evaluation } = recipe;
  if (pretraining === undefined && recipe.adaptation === undefined)
    throw bad("there is nothing to do", "top level", "add a section pretraining or adaptation");
  const { task, pretraining: given = task } = recipe.data;
  if (pretraining !== undefined && given === undefined)
    throw bad("pretraining needs images", "data.pretraining", "name one or several datasets");
  const sources = given === undefined || Array.isArray(given) ? given : [given];
  const adaptation = resolveAdaptation(recipe);
  if (pretraining?.eachSeed === true && adaptation === undefined)
    throw bad(
      "there is no adaptation whose seeds pretraining could follow",
      "pretraining.eachSeed",
      "leave the key out, or add a section adaptation",
    );
  const labelEfficiency = resolveLabelEfficiency(recipe, adaptation);
  return {
    name,
    title,
    ...(description === undefined ? {} : { description }),
    seed,
    data: {
      ...(pretraining === undefined || sources === undefined ? {} : { pretraining: sources }),
      ...(task === undefined ? {} : { task }),
    },
    backbone: resolveBackbone(recipe.backbone),
    ...(pretraining === undefined ? {} : { pretraining }),
    ...(adaptation === undefined ? {} : { adaptation }),
    ...(labelEfficiency === undefined ? {} : { labelEfficiency }),
    evaluation,
  };
}
