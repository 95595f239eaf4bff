import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { VesaliusError } from "../../common/errors.ts";
import {
  concatenateForPretraining,
  type ImageDataset,
  type ImageSplit,
  openDatasetOfImages,
  syntheticRadiographsOfImages,
} from "../../data/index.node.ts";
import { type Backbone, inputShape } from "../../models/index.ts";
import type { ResolvedRecipe } from "../resolve.ts";
import type { DataSource } from "../schema/data-sources.ts";
import type { RunData } from "./run-data.ts";

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Finds a dataset by name: in the data folder, or as the data folder itself, or beside it. */
async function locate(name: string, data: string | undefined): Promise<string> {
  if (data === undefined)
    throw new VesaliusError("bad-argument", `the recipe uses the dataset ${name}, and no data folder was given`, {
      where: "data",
      fix: "pass the folder that holds the datasets with --data",
    });
  const inside = join(data, name);
  const whole = resolve(data);
  for (const path of [inside, ...(basename(whole) === name ? [whole] : []), join(dirname(whole), name)])
    if (await isFolder(path)) return path;
  throw new VesaliusError("missing-file", `there is no dataset ${name}`, {
    where: inside,
    fix: "check --data, which names the folder that holds the datasets, and the names under data in the recipe",
  });
}

async function openSource(source: DataSource, backbone: Backbone, data: string | undefined): Promise<ImageDataset> {
  const [channels, height, width] = inputShape(backbone);
  if (typeof source === "object" && "generator" in source)
    return syntheticRadiographsOfImages({ count: source.count, imageSize: height, seed: source.seed });
  const { dataset, ...settings } = typeof source === "string" ? { dataset: source } : source;
  const path = await locate(dataset, data);
  if (channels !== 1 && channels !== 3)
    throw new VesaliusError("bad-configuration", `images have 1 or 3 channels, the backbone reads ${channels}`, {
      where: "backbone.channels",
    });
  return openDatasetOfImages(path, { size: { height, width }, channels, ...settings });
}

function addToDigest(hash: ReturnType<typeof createHash>, split: ImageSplit): void {
  const { images } = split;
  hash.update(`${split.name} ${split.length} ${images.channels} ${images.height} ${images.width}\n`);
  hash.update(split.ids.join("\n"));
  if (split.labels !== undefined) hash.update(split.labels);
  if (split.fingerprints !== undefined) hash.update(split.fingerprints.join("\n"));
  else if (images.kind === "memory") hash.update(images.pixels);
}

/**
 * Opens what a recipe names, each dataset once, at the size and channels of the backbone.
 *
 * @param data folder that holds the datasets, or one of them; may be left out where everything is generated
 * @throws VesaliusError `missing-file` for a dataset that is not there, and whatever `openDataset` and
 * `concatenateForPretraining` throw
 */
export async function openRecipeData(
  recipe: ResolvedRecipe,
  backbone: Backbone,
  data: string | undefined,
): Promise<RunData> {
  const opened = new Map<string, Promise<ImageDataset>>();
  const open = (source: DataSource): Promise<ImageDataset> => {
    const key = JSON.stringify(source);
    const dataset = opened.get(key) ?? openSource(source, backbone, data);
    opened.set(key, dataset);
    return dataset;
  };
  const { task, pretraining } = recipe.data;
  const taskData = task === undefined ? undefined : await open(task);
  const [channels, height, width] = inputShape(backbone);
  const pools: ImageDataset[] = [];
  for (const source of pretraining ?? []) pools.push(await open(source));
  const datasets = await Promise.all(opened.values());
  const hash = createHash("sha256");
  for (const dataset of datasets)
    for (const split of [dataset.train, dataset.validation, dataset.test])
      if (split !== undefined) addToDigest(hash, split);
  const sources = [...(task === undefined ? [] : [task]), ...(pretraining ?? [])];
  return {
    task: taskData,
    pretraining: pools.length === 0 ? undefined : concatenateForPretraining(pools, { channels, height, width }),
    datasets,
    synthetic: sources.every((source) => typeof source === "object" && "generator" in source),
    digest: hash.digest("hex"),
  };
}
