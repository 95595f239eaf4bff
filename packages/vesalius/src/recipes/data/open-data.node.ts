import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { VesaliusError } from "../../common/errors.ts";
import { joinSplits } from "../../data/dataset/index.ts";
import { type Dataset, openDataset, type Split } from "../../data/index.node.ts";
import type { Catalogues } from "../catalogues.ts";
import { RecipeProblem } from "../problems/recipe-error.ts";
import type { ResolvedRecipe, ResolvedSource } from "../resolve.ts";
import { withColumns } from "./columns-read.ts";
import { type Pool, withoutLeaks } from "./leaks.ts";
import { leadsOutside } from "./links.node.ts";
import type { RunData } from "./run-data.ts";
import { takeSteps, takeStepsEverywhere, withNotes } from "./steps.ts";

/** Whether a folder or a file is there. */
const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Where the datasets of a recipe lie, and how they may be read. */
export interface DataPlace {
  /** Folder that holds the datasets, or one of them; may be left out where everything is generated. */
  readonly data?: string | undefined;
  /** Most bytes that reading each dataset may hold in memory, in place of what the recipe says. */
  readonly maxBytes?: number | undefined;
  /** Whether a dataset may be a link that leads out of the folder. */
  readonly followLinks?: boolean | undefined;
}

/** Refuses a dataset that is a link to somewhere else: a recipe can name any link that lies in a folder. */
async function checkLinks(path: string, folder: string): Promise<void> {
  if (!(await leadsOutside(path, folder))) return;
  throw new VesaliusError("bad-argument", "the dataset is a link that leads out of the folder of data", {
    where: path,
    fix: (option) =>
      `allow it with ${option("followLinks", "true")}, or name with ${option("data")} the folder that it leads to`,
  });
}

/** A place, and the names of all datasets that the recipe reads. */
type NamedPlace = DataPlace & { readonly names?: readonly string[] };

/** Finds a dataset by name: in the data folder, or, where that is one of the recipe's datasets, as it or beside it. */
async function locate(name: string, { data, followLinks = false, names = [] }: NamedPlace): Promise<string> {
  if (data === undefined)
    throw new VesaliusError("bad-argument", `the recipe uses the dataset ${name}, and no data folder was given`, {
      where: "data",
      fix: (option) => `name the folder that holds the datasets with ${option("data")}`,
    });
  const inside = join(data, name);
  const whole = resolve(data);
  const beside = names.includes(basename(whole)) ? [[join(dirname(whole), name), dirname(whole)] as const] : [];
  // MedMNIST's archives are files that recipes name without their ending.
  const isWhole = basename(whole) === name || basename(whole) === `${name}.npz`;
  for (const [path, folder] of [
    [inside, data],
    ...(isWhole ? [[whole, whole] as const] : []),
    [`${inside}.npz`, data],
    ...beside,
  ] as const)
    if (await isThere(path)) {
      if (!followLinks) await checkLinks(path, folder);
      return path;
    }
  throw new VesaliusError("missing-file", `there is no dataset ${name}`, {
    where: inside,
    fix: (option) =>
      `check ${option("data")}, which names the folder that holds the datasets, and the names under data in the recipe`,
  });
}

const isGenerated = (source: ResolvedSource): source is Extract<ResolvedSource, { readonly generator: string }> =>
  "generator" in source && typeof source.generator === "string";

/** @param path of the source in the recipe */
async function openSource(
  source: ResolvedSource,
  catalogues: Catalogues,
  place: NamedPlace,
  path: readonly PropertyKey[],
): Promise<Dataset> {
  if (isGenerated(source)) {
    const { generator, trainingSplit: _split, steps: _steps, ...settings } = source;
    return catalogues.generators.create({ name: generator, ...settings });
  }
  const { dataset, trainingSplit: _split, steps: _steps, ...options } = source;
  try {
    const limit = place.maxBytes === undefined ? {} : { maxBytes: place.maxBytes };
    return await openDataset(await locate(dataset, place), { ...options, ...limit }, catalogues.readers);
  } catch (error) {
    // A setting that the reader which recognised the folder does not have.
    if (error instanceof VesaliusError && error.code === "bad-argument" && error.cause !== undefined)
      throw new RecipeProblem(path, [error.what, error.fixAs((name) => name)].flatMap((text) => text ?? []).join("; "));
    throw error;
  }
}

function trainingSplit(dataset: Dataset, { trainingSplit: name }: ResolvedSource, path: readonly PropertyKey[]): Split {
  const split = dataset.splits[name];
  if (split !== undefined) return split;
  throw new RecipeProblem(
    [...path, "trainingSplit"],
    `${dataset.name} has no split ${name}; choose one of ${Object.keys(dataset.splits).join(", ")}`,
  );
}

/** Splits of several sources as one, with the columns that pretraining reads. */
function joinPretraining(
  splits: readonly Split[],
  datasets: readonly Dataset[],
  columns: readonly string[],
  name: string,
): Split {
  const read = splits.map((split) => withColumns({ ...split, attributes: {} }, columns));
  if (read.length === 1) return read[0]!;
  return joinSplits(read, { name, prefixes: datasets.map(({ name }, i) => `${i + 1}-${name}`) });
}

/** The examples of all sources on which pretraining is measured. */
async function heldOutExamples(
  recipe: ResolvedRecipe,
  pools: readonly Pool[],
  columns: readonly string[],
  catalogues: Catalogues,
): Promise<Split | undefined> {
  const name = recipe.pretraining?.heldOut;
  if (name === undefined) return undefined;
  const having = pools.filter(
    ({ dataset, source }) => dataset.splits[name] !== undefined && source.trainingSplit !== name,
  );
  if (having.length === 0)
    throw new RecipeProblem(
      ["pretraining", "heldOut"],
      `no source of pretraining has a split ${name} that it does not learn from`,
    );
  const splits = [];
  for (const { dataset, source } of having)
    splits.push((await takeSteps(dataset.splits[name]!, source.steps, catalogues)).split);
  return joinPretraining(
    splits,
    having.map(({ dataset }) => dataset),
    columns,
    name,
  );
}

/** The pools of pretraining: what the recipe names, as read. */
async function openPools(
  sources: readonly ResolvedSource[],
  open: (source: ResolvedSource, path: readonly PropertyKey[]) => Promise<Dataset>,
): Promise<Pool[]> {
  const pools: Pool[] = [];
  for (const [i, source] of sources.entries()) {
    const path = ["data", "pretraining", i];
    const dataset = await open(source, path);
    pools.push({ source, dataset, split: trainingSplit(dataset, source, path) });
  }
  return pools;
}

/**
 * Opens what a recipe names, each dataset once.
 *
 * @param columns that pretraining reads
 * @throws VesaliusError `missing-file` for a dataset that is not there, `data-leakage` where pretraining would see what a
 * dataset holds back, and whatever `openDataset` throws; RecipeProblem for a split that is not there
 */
export async function openRecipeData(
  recipe: ResolvedRecipe,
  catalogues: Catalogues,
  place: DataPlace,
  columns: readonly string[],
): Promise<RunData> {
  const opened = new Map<string, Promise<Dataset>>();
  const named = [recipe.data.task, ...(recipe.data.pretraining ?? [])];
  const names = named.flatMap((source) => (typeof source?.["dataset"] === "string" ? [source["dataset"]] : []));
  const open = (source: ResolvedSource, path: readonly PropertyKey[]): Promise<Dataset> => {
    const { trainingSplit: _split, steps: _steps, ...read } = source;
    const key = JSON.stringify(read);
    const dataset = opened.get(key) ?? openSource(source, catalogues, { ...place, names }, path);
    opened.set(key, dataset);
    return dataset;
  };
  const { task: source, pretraining: sources = [] } = recipe.data;
  const read = source === undefined ? undefined : await open(source, ["data", "task"]);
  const pools = await openPools(sources, open);
  const datasets = await Promise.all(opened.values());
  const trained = new Set(pools.map(({ split }) => split));
  if (read !== undefined) trained.add(trainingSplit(read, source!, ["data", "task"]));
  const task = read === undefined ? undefined : await takeStepsEverywhere(read, source!.steps, catalogues);
  const notes = new Map<Dataset, readonly string[]>();
  const splits: Split[] = [];
  for (const pool of pools) {
    const taken = await takeSteps(withoutLeaks(pool, datasets, trained), pool.source.steps, catalogues);
    splits.push(taken.split);
    notes.set(pool.dataset, taken.notes);
  }
  const held = pools[0]?.dataset.splits["validation"];
  return {
    task,
    train: task?.splits[source!.trainingSplit],
    pretraining:
      pools.length === 0
        ? undefined
        : joinPretraining(
            splits,
            pools.map(({ dataset }) => dataset),
            columns,
            "train",
          ),
    heldOut: await heldOutExamples(recipe, pools, columns, catalogues),
    shown:
      held === undefined
        ? task?.splits["validation"]
        : (await takeSteps(held, pools[0]!.source.steps, catalogues)).split,
    datasets: datasets.map((dataset) => (dataset === read ? task! : withNotes(dataset, notes.get(dataset) ?? []))),
    synthetic: [...sources, ...(source === undefined ? [] : [source])].every(isGenerated),
  };
}
