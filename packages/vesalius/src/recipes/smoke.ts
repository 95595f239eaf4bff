import type { Spec } from "../common/index.ts";
import type { Split } from "../data/index.ts";
import { reduceTables, stratifiedSample } from "../data/dataset/index.ts";
import type { Task } from "../tasks/index.ts";
import type { Schedule, TrainingSettings } from "../training/index.ts";
import type { Catalogues } from "./catalogues.ts";
import { type BackboneSettings, isLoaded } from "./resolve/backbone.ts";
import type { ResolvedMethod, ResolvedRecipe } from "./resolve.ts";
import { canonicalJson } from "../common/canonical-json.ts";

/** Examples of each stratum that a smoke test reads, and of a split without strata. */
const perStratum = 4;
const withoutStrata = 8;
const mostExamples = 64;
/** Entries of a table that examples refer to and models search. */
const mostEntries = 64;

/** What schedules count in steps: warm-up, and the steps before it. */
const phases = ["warmupSteps", "freezeSteps"];

/** A schedule whose phases that are counted in steps fit into a run of a few. */
const shortSchedule = (schedule: Schedule): Schedule =>
  Object.fromEntries(
    Object.entries(schedule).map(([key, value]) => [key, phases.includes(key) ? Math.min(1, Number(value)) : value]),
  ) as Schedule;

/** One pretraining, whatever the number of seeds. */
const once = ({ seeds }: { readonly seeds?: readonly number[] }) => ({
  eachSeed: false,
  ...(seeds === undefined ? {} : { seeds: seeds.slice(0, 1) }),
});

const shortened = <Settings extends TrainingSettings>(settings: Settings): Settings => ({
  ...settings,
  ...(settings.schedule === undefined ? {} : { schedule: shortSchedule(settings.schedule) }),
  steps: 3,
  batchSize: Math.min(settings.batchSize, 4),
  accumulation: 1,
});

type Preset = Readonly<Record<string, unknown>>;

/** What makes the `nano` size small: its keys that other sizes set otherwise. What they share is no size. */
function sizesOf(presets: Readonly<Record<string, Preset>>): Preset {
  const { nano = {}, ...others } = presets;
  const differs = (key: string): boolean =>
    Object.values(others).some((other) => canonicalJson(other[key]) !== canonicalJson(nano[key]));
  return Object.fromEntries(Object.entries(nano).filter(([key]) => Object.keys(others).length === 0 || differs(key)));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Settings in which every network that they hold (towers of a fusion) has its smallest size. */
function withSmallNetworks(value: unknown, catalogues: Catalogues): unknown {
  if (!isRecord(value)) return value;
  const { name } = value;
  if (typeof name === "string" && catalogues.architectures.names.includes(name))
    return smallest({ ...value, name }, catalogues);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSmallNetworks(inner, catalogues)]));
}

/** The network at its smallest size, where that goes with its other settings; otherwise as it is. */
function smallest<Named extends Spec>({ name, ...config }: Named, catalogues: Catalogues): Named {
  const { presets, settings } = catalogues.architectures.entry(name);
  const inner = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, withSmallNetworks(value, catalogues)]),
  );
  const small = { ...inner, ...sizesOf(presets) };
  try {
    catalogues.architectures.create({ name, ...settings.parse(small) });
    return { name, ...small } as unknown as Named;
  } catch {
    return { name, ...inner } as unknown as Named;
  }
}

/** Whether a method trains, which the settings of training say. */
const isTraining = (method: ResolvedMethod): method is ResolvedMethod & TrainingSettings =>
  method.batchSize !== undefined;

/** A recipe's backbone at its smallest size; one with weights has the size of its weights. */
function smallestBackbone(backbone: BackboneSettings, catalogues: Catalogues): BackboneSettings {
  if (isLoaded(backbone)) return backbone;
  const { inputs, encoders, ...spec } = backbone;
  return {
    ...smallest(spec as Spec, catalogues),
    ...(inputs === undefined ? {} : { inputs }),
    ...(encoders === undefined ? {} : { encoders }),
  };
}

/**
 * A recipe made small enough to run in seconds: the network's `nano` size, a few steps, one seed, few resamples. What
 * belongs to the data (sizes of images, columns) stays.
 */
export function smokeRecipe(recipe: ResolvedRecipe, catalogues: Catalogues): ResolvedRecipe {
  const { backbone, pretraining, adaptation, evaluation } = recipe;
  const smallMethod = (method: ResolvedMethod): ResolvedMethod => ({
    ...method,
    ...(isTraining(method) ? shortened(method) : {}),
    ...(method.backbone === undefined ? {} : { backbone: smallestBackbone(method.backbone, catalogues) }),
  });
  return {
    ...recipe,
    title: `${recipe.title} (smoke test)`,
    backbone: smallestBackbone(backbone, catalogues),
    ...(pretraining === undefined ? {} : { pretraining: { ...shortened(pretraining), ...once(pretraining) } }),
    ...(adaptation === undefined
      ? {}
      : { adaptation: { seeds: adaptation.seeds.slice(0, 1), methods: adaptation.methods.map(smallMethod) } }),
    evaluation: { ...evaluation, resamples: 20 },
  };
}

/** A handful of examples of a split: some of each stratum of the task. */
export function smokeSplit(split: Split, task: Task | undefined, seed: number): Split {
  const strata = task?.strata?.(split);
  const known = strata?.filter((stratum) => stratum >= 0);
  const kinds = new Set(known).size;
  const wanted = kinds === 0 ? withoutStrata : Math.max(kinds, Math.min(mostExamples, kinds * perStratum));
  const few = stratifiedSample(split, Math.min(wanted, known?.length ?? split.length), seed, strata);
  return reduceTables(few, mostEntries);
}
