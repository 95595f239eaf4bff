import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { openDataset, VesaliusError } from "vesalius";
import type { Dataset, OpenDatasetOptions, Split } from "vesalius/data";
import { builtInCatalogues, parseSetting, type RecipeInput } from "vesalius/recipes";
import { memoryOption } from "./options.ts";

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const { generators, readers } = builtInCatalogues;

const isGenerator = async (path: string): Promise<boolean> => generators.names.includes(path) && !(await isThere(path));

/** Data that everybody has, for examples. */
export const exampleData = generators.names[0]!;

/** Help on arguments that name data. */
export const dataHelp = `a dataset: a folder or a file, or data that a program draws (${generators.names.join(", ")})`;

/** How data are to be read. */
export interface DataFlags {
  readonly reader?: string;
  readonly option: Readonly<Record<string, unknown>>;
  readonly memory?: number;
}

function collectOption(text: string, before: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { path, value } = parseSetting(text, "--option");
  if (path.length !== 1) throw new InvalidArgumentError("write key=value, the key as in docs/data.md.");
  return { ...before, [String(path[0])]: value };
}

/** Adds the flags that say how data are read. */
export const addDataOptions = (command: Command): Command =>
  command
    .addOption(
      new Option("--reader <name>", "how the folder is read; recognised by its files otherwise").choices(readers.names),
    )
    .addOption(
      new Option("--option <key=value>", "setting of the reader, see docs/data.md; may be repeated")
        .argParser(collectOption)
        .default({}, "none"),
    )
    .addOption(memoryOption());

/** Adds the flag that chooses a split. */
export const splitOption = (fallback?: string): Option => {
  const option = new Option("--split <name>", "part of the data");
  return fallback === undefined ? option : option.default(fallback);
};

/**
 * Opens the dataset that an argument names.
 *
 * @param tolerated what need not be there: a training split, examples of every class
 * @throws VesaliusError as `openDataset` does
 */
export async function openData(
  path: string,
  { reader, option, memory }: DataFlags,
  tolerated: Pick<OpenDatasetOptions, "allowMissingTrain" | "allowMissingClasses"> = {},
): Promise<{ dataset: Dataset; synthetic: boolean }> {
  if (await isGenerator(path)) return { dataset: generators.create({ ...option, name: path }), synthetic: true };
  const options = {
    ...tolerated,
    ...(reader === undefined ? {} : { reader }),
    ...(memory === undefined ? {} : { maxBytes: memory }),
    ...option,
  };
  return { dataset: await openDataset(path, options), synthetic: false };
}

/**
 * A split of a dataset by name.
 *
 * @throws VesaliusError `bad-argument` where there is none, naming those that there are
 */
export function splitOf({ name, splits }: Dataset, split: string): Split {
  const found = splits[split];
  if (found !== undefined) return found;
  throw new VesaliusError("bad-argument", `the data have no split ${split}`, {
    where: name,
    fix: `choose one with --split: ${Object.keys(splits).join(", ")}`,
  });
}

type Source = NonNullable<RecipeInput["data"]["task"]>;

/** Datasets as a recipe names them, and the folder that holds them. */
export interface RecipeSources {
  readonly sources: Source[];
  readonly data?: string;
}

/**
 * Turns paths of datasets into the names that a recipe knows them by.
 *
 * @throws VesaliusError `bad-argument` for folders that do not lie side by side
 */
export async function recipeSources(paths: readonly string[], { reader, option }: DataFlags): Promise<RecipeSources> {
  const sources: Source[] = [];
  const parents = new Set<string>();
  for (const path of paths) {
    if (await isGenerator(path)) sources.push({ ...option, generator: path });
    else {
      const dataset = basename(resolve(path));
      const said = { ...(reader === undefined ? {} : { reader }), ...option };
      sources.push(Object.keys(said).length === 0 ? dataset : { dataset, ...said });
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
