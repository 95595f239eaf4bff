import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { openDatasetOfImages, syntheticRadiographsOfImages, VesaliusError } from "vesalius";
import type { ImageDataset, OpenDatasetOptionsOfImages } from "vesalius/data";
import type { RecipeInput } from "vesalius/recipes";

/** The name under which every command knows the computer-generated radiographs. */
const synthetic = "synthetic-radiographs";

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const isGenerator = async (path: string): Promise<boolean> => path === synthetic && !(await isThere(path));

/** Help on arguments that name data. */
export const dataHelp = `a dataset: a folder with images or an .npz file, or "${synthetic}" for computer-generated images`;

/**
 * Opens the dataset that an argument names.
 *
 * @throws VesaliusError as `openDataset` does
 */
export async function openData(
  path: string,
  options: OpenDatasetOptionsOfImages = {},
): Promise<{ dataset: ImageDataset; synthetic: boolean }> {
  if (!(await isGenerator(path))) return { dataset: await openDatasetOfImages(path, options), synthetic: false };
  const { size } = options;
  return {
    dataset: syntheticRadiographsOfImages(size === undefined ? {} : { imageSize: size.height }),
    synthetic: true,
  };
}

type Sources = NonNullable<Exclude<RecipeInput["data"]["pretraining"], string | unknown[]>>[];

/** Datasets as a recipe names them, and the folder that holds them. */
export interface RecipeSources {
  readonly sources: (string | Sources[number])[];
  readonly data?: string;
}

/**
 * Turns paths of datasets into the names that a recipe knows them by.
 *
 * @throws VesaliusError `bad-argument` for folders that do not lie side by side
 */
export async function recipeSources(paths: readonly string[]): Promise<RecipeSources> {
  const sources: RecipeSources["sources"] = [];
  const parents = new Set<string>();
  for (const path of paths) {
    if (await isGenerator(path)) sources.push({ generator: synthetic });
    else {
      sources.push(basename(resolve(path)));
      parents.add(dirname(resolve(path)));
    }
  }
  if (parents.size > 1)
    throw new VesaliusError("bad-argument", "the datasets lie in different folders", {
      where: paths.join(", "),
      fix: "put them (or links to them) side by side in one folder",
    });
  const [data] = parents;
  return { sources, ...(data === undefined ? {} : { data }) };
}
