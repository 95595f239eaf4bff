import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { openDataset, VesaliusError } from "vesalius";
import { type Dataset, type OpenDatasetOptions, type ReaderFlag, sharesSchema, type Split } from "vesalius/data";
import { builtInCatalogues, parseSetting, type RecipeInput } from "vesalius/recipes";
import { memoryOption } from "./options.ts";

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const { generators, readers } = builtInCatalogues;

/** Whether an argument names data that a program draws. */
export const isGenerator = async (path: string): Promise<boolean> =>
  generators.names.includes(path) && !(await isThere(path));

/** Data that everybody has, for examples. */
export const exampleData = generators.names[0]!;

/** Help on arguments that name data. */
export const dataHelp = `a dataset: a folder or a file, or data that a program draws (${generators.names.join(", ")})`;

/** How data are to be read. */
export interface DataFlags {
  readonly reader?: string;
  readonly option: Readonly<Record<string, unknown>>;
  readonly memory?: number;
  readonly group?: string;
}

/** How data are to be read, and divided where they come without splits. */
export interface DividedDataFlags extends DataFlags {
  /** Shares of training, validation and test. */
  readonly split?: string;
}

/** Settings of readers that have a flag of their own, each once. */
const readerFlags = [
  ...new Map(readers.entries.flatMap((entry) => entry.flags ?? []).map((flag) => [flag.flags, flag])).values(),
];

const namedFlags = {
  reader: "--reader <name>",
  split: "--split <shares>",
  groupColumn: "--group <column>",
  maxBytes: "--memory <size>",
} as const;

/** Flags of options that data are often opened with, by option; every other is given by `--option`. */
export const namedOptions: Readonly<Record<string, string>> = {
  ...namedFlags,
  ...Object.fromEntries(readerFlags.map(({ setting, flags }) => [setting, flags])),
};

function collectOption(text: string, before: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { path, value } = parseSetting(text, "--option");
  if (path.length !== 1) throw new InvalidArgumentError("write key=value, the key as in docs/data.md.");
  return { ...before, [String(path[0])]: value };
}

/** Shares of a division as `80/10/10`. */
function sharesOf(text: string): string {
  const { error } = sharesSchema.safeParse(text);
  if (error !== undefined) throw new InvalidArgumentError(`${error.issues[0]!.message}.`);
  return text;
}

/** The flag of a reader's setting; what it cannot be is wrong use, like any other flag. */
const readerOption = (flag: ReaderFlag): Option =>
  new Option(flag.flags, flag.description).argParser((text: string) => {
    try {
      return flag.parse(text);
    } catch (error) {
      throw error instanceof VesaliusError ? new InvalidArgumentError(`${error.what}.`) : error;
    }
  });

/** Adds the flags that say how data are read. */
export function addDataOptions(command: Command): Command {
  command
    .addOption(
      new Option(namedFlags.reader, "how the folder is read; recognised by its files otherwise").choices(readers.names),
    )
    .option(namedFlags.groupColumn, "column of what stays together in a division, such as the patient");
  for (const flag of readerFlags) command.addOption(readerOption(flag));
  return command
    .addOption(
      new Option("--option <key=value>", "setting of the reader, see docs/data.md; may be repeated")
        .argParser(collectOption)
        .default({}, "none"),
    )
    .addOption(memoryOption());
}

/** Adds the flags that say how data are read, and divided where they come without splits. */
export const addDividedDataOptions = (command: Command): Command =>
  addDataOptions(command).addOption(
    new Option(
      namedFlags.split,
      "divide data that come without splits into training, validation and test, as 80/10/10; groups stay together",
    ).argParser(sharesOf),
  );

/** Adds the flag that chooses a split. */
export const splitOption = (fallback?: string): Option => {
  const option = new Option("--split <name>", "part of the data");
  return fallback === undefined ? option : option.default(fallback);
};

/** Flags of a command that divides data, as {@link openData} takes them. */
export const withDivision = <Flags extends DividedDataFlags>(flags: Flags): Flags =>
  flags.split === undefined ? flags : { ...flags, option: { split: flags.split, ...flags.option } };

/**
 * Opens the dataset that an argument names.
 *
 * @param tolerated what need not be there: a training split, examples of every class
 * @param before options that hold where the flags say nothing else
 * @throws VesaliusError as `openDataset` does
 */
export async function openData(
  path: string,
  flags: DataFlags,
  tolerated: Pick<OpenDatasetOptions, "allowMissingTrain" | "allowMissingClasses" | "toAnswer"> = {},
  before: Readonly<Record<string, unknown>> = {},
): Promise<{ dataset: Dataset; synthetic: boolean }> {
  const said = { ...before, ...optionsOf(flags) };
  if (await isGenerator(path)) return { dataset: generators.create({ ...said, name: path }), synthetic: true };
  const limit = flags.memory === undefined ? {} : { maxBytes: flags.memory };
  return {
    dataset: await openDataset(path, { ...said, ...tolerated, ...limit, ...optionsOf(flags) }),
    synthetic: false,
  };
}

/** What flags say of how data are opened, under the names of the options. */
function optionsOf({ reader, group, option, ...others }: DataFlags): Record<string, unknown> {
  const given: Readonly<Record<string, unknown>> = others;
  const settings = readerFlags.map(({ setting, flags }) => [setting, given[new Option(flags).attributeName()]]);
  const named = { reader, groupColumn: group, ...Object.fromEntries(settings) };
  return { ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)), ...option };
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
export async function recipeSources(paths: readonly string[], flags: DataFlags): Promise<RecipeSources> {
  const said = optionsOf(flags);
  const sources: Source[] = [];
  const parents = new Set<string>();
  for (const path of paths) {
    if (await isGenerator(path)) sources.push({ ...said, generator: path });
    else {
      const dataset = basename(resolve(path));
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
