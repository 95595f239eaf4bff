import { basename, join } from "node:path";
import { z } from "zod";
import type { Catalogue } from "../common/catalogue.ts";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { assembleDataset } from "./dataset/assemble-dataset.ts";
import { lackingCautions } from "./dataset/lacking.ts";
import { withNearLeaks } from "./dataset/near-leaks.ts";
import { splitDataset } from "./dataset/split-dataset.ts";
import { type DatasetCard, datasetCardSchema, unreadKeys, unreadKeysCaution } from "./dataset-card.ts";
import { type DatasetFolder, openDatasetFolder } from "./files/dataset-folder.node.ts";
import { memoryBudget } from "./files/memory-budget.ts";
import { bareName, isAbout, stemOf, usualSplit } from "./files/names.ts";
import { unreadCautions } from "./files/unread-files.node.ts";
import { openingShape } from "./opening-options.ts";
import { contentOf, recognised, type Recognised } from "./readers/recognised.ts";
import { readers as builtInReaders } from "./readers/index.node.ts";
import type { ReaderEntry } from "./readers/reader.ts";
import type { Dataset } from "./split.ts";
import { parseJson } from "../common/parse-json.ts";

const openingSchema = z.looseObject(openingShape);

/** Options of {@link openDataset}: those of every dataset, and the settings of its reader. */
export type OpenDatasetOptions = Partial<z.input<z.ZodObject<typeof openingShape>>> & Readonly<Record<string, unknown>>;

/** Description of a dataset: its own `dataset.json`, or, where that is an index of another format, what it says. */
async function readCard(folder: DatasetFolder, name: string): Promise<DatasetCard> {
  const { files } = await folder.list();
  if (folder.only !== undefined || !files.includes("dataset.json")) return datasetCardSchema.parse({ name });
  const where = join(folder.root, "dataset.json");
  let content: unknown;
  try {
    content = parseJson(await folder.text("dataset.json"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new VesaliusError("bad-configuration", "dataset.json is not JSON", { where });
  }
  // The Medical Segmentation Decathlon calls its index so too.
  const index = z.looseObject({
    training: z.array(z.unknown()),
    name: z.string().optional(),
    licence: z.string().optional(),
  });
  const decathlon = index.safeParse(content);
  if (decathlon.success) {
    const { name: title = "", licence } = decathlon.data;
    return datasetCardSchema.parse({ name, title, ...(licence === undefined ? {} : { licence }) });
  }
  const said = withUsualSpelling(content);
  const card = validate(datasetCardSchema, said, { code: "bad-configuration", what: "dataset.json", where });
  return { ...card, cautions: [...card.cautions, ...unreadKeysCaution(unreadKeys(said as object, where))] };
}

/** American spelling is as usual as British. */
function withUsualSpelling(content: unknown): unknown {
  if (typeof content !== "object" || content === null || !("license" in content) || "licence" in content)
    return content;
  const { license, ...others } = content;
  return { ...others, licence: license };
}

/** Folders in folders in which archives hide a dataset, at most. */
const DEEPEST = 3;

/**
 * Finds a dataset at a path: there, or in the only folder that lies there, as archives are unpacked.
 *
 * @throws VesaliusError `bad-data` where no reader recognises it, with what each looks for
 */
async function findData(
  path: string,
  opening: z.output<typeof openingSchema>,
  readers: Catalogue<ReaderEntry>,
  outer?: { readonly name: string; readonly card: DatasetCard | undefined; readonly depth: number },
): Promise<Recognised> {
  const folder = await openDatasetFolder(path, memoryBudget(opening.maxBytes), opening.encoding);
  const name = outer?.name ?? (folder.only === undefined ? basename(join(folder.path, ".")) : stemOf(folder.only));
  const listed = await folder.list();
  const described = listed.files.includes("dataset.json");
  const card = outer?.card ?? (await readCard(folder, name));
  const entries = { ...listed, files: listed.files.filter((file) => !isAbout(file)) };
  const found = { folder, card, entries };
  if (opening.reader !== undefined) return { reader: readers.entry(opening.reader), found };
  const recognisedHere = await recognised(found, readers);
  if (recognisedHere !== undefined) return recognisedHere;
  const [only, ...others] = entries.folders;
  const depth = (outer?.depth ?? 0) + 1;
  const wrapped = others.length === 0 && entries.files.length === 0 && depth <= DEEPEST;
  if (only !== undefined && wrapped && usualSplit(only) === undefined)
    return findData(join(path, only), opening, readers, { name, card: described ? card : outer?.card, depth });
  const looked = readers.entries.map(({ name, looksFor }) => `${name}: ${looksFor}`).join("; ");
  throw new VesaliusError(
    "bad-data",
    `the data are in no layout that is read: they hold ${await contentOf(found)}. Readers look for: ${looked}`,
    {
      where: path,
      fix: (option) => `bring them into one of these layouts, or name the reader with ${option("reader")}`,
    },
  );
}

/** The dataset with what its splits leave undefined in the cautions of its card. */
function withLacking(dataset: Dataset): Dataset {
  const { card } = dataset;
  return { ...dataset, card: { ...card, cautions: [...card.cautions, ...lackingCautions(dataset)] } };
}

/** Options without those that every dataset takes. */
const ownSettings = (options: OpenDatasetOptions): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([key]) => !Object.hasOwn(openingShape, key)));

/** Refuses a setting that a reader does not have, with those that it has. */
function checkKnown(own: Readonly<Record<string, unknown>>, { name, settings }: ReaderEntry): void {
  const unknown = Object.keys(own).find((key) => !Object.hasOwn(settings.shape, key));
  if (unknown === undefined) return;
  const known = Object.keys(settings.shape);
  throw new VesaliusError("bad-argument", `the reader ${name} has no setting ${unknown}`, {
    fix: (option) =>
      `leave ${option(unknown)} out${known.length === 0 ? "" : `; it takes ${known.map((key) => option(key)).join(", ")}`}`,
    cause: unknown,
  });
}

/**
 * Opens a dataset: a folder or a file in one of the layouts that the readers know. A `dataset.json` in the folder gives
 * names, licence, grouping and reference values.
 *
 * The splits are the ones that the data state; nothing is divided in silence. Data without splits are all training,
 * unless the option `split` says how to divide them.
 *
 * @param path folder or file
 * @param options `reader` and what every dataset takes, and the settings of its reader
 * @param readers what to ask; the built-in readers by default
 * @throws VesaliusError `missing-file`; `bad-file` for damaged files; `bad-data` for content that does not fit, empty
 * splits, repeated ids, or a layout that is not recognised; `data-leakage` where a group or identical content is in two
 * splits; `bad-argument` for an option that the reader does not have; `missing-dependency` where a format needs a package
 *
 * @example
 * const { splits } = await openDataset("./ncbi-disease", { packWords: 96 });
 */
export async function openDataset(
  path: string,
  options: OpenDatasetOptions = {},
  readers: Catalogue<ReaderEntry> = builtInReaders,
): Promise<Dataset> {
  const what = "options of openDataset";
  const opening = validate(openingSchema, options, { code: "bad-argument", what });
  const { reader, found } = await findData(path, opening, readers);
  const { folder, card } = found;
  const own = ownSettings(options);
  checkKnown(own, reader);
  const checked = validate(reader.settings, own, {
    code: "bad-argument",
    what: `${what}, reader ${reader.name}`,
  });
  const settings = (opening.toAnswer ? reader.toAnswer?.(checked) : undefined) ?? checked;
  const read = await reader.create(settings)(found);
  const moved = folder.elsewhere();
  const cautions = [
    ...card.cautions,
    ...(read.cautions ?? []),
    ...(moved === 0 ? [] : [`${moved} files were found by their names in another place than is written.`]),
    ...unreadCautions(await folder.unread()),
  ];
  const { groupedBy } = read;
  const stated = groupedBy === undefined || bareName(card.groupingKey).startsWith(bareName(groupedBy));
  const groupingKey = stated ? card.groupingKey : groupedBy;
  const dataset = assembleDataset({ name: card.name, ...read, card: { ...card, groupingKey, cautions } }, opening);
  const { split, seed, strata, nearDuplicates } = opening;
  const finished = (all: Dataset): Dataset =>
    withLacking(
      nearDuplicates === undefined ? all : withNearLeaks(all, nearDuplicates, opening.leakage === "drop-from-train"),
    );
  if (split === undefined) return finished(dataset);
  return finished(splitDataset(dataset, { shares: split, seed, ...(strata === undefined ? {} : { strata }) }));
}
