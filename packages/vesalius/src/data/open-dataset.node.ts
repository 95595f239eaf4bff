import { basename, join } from "node:path";
import { z } from "zod";
import type { Catalogue } from "../common/catalogue.ts";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { assembleDataset } from "./dataset/assemble-dataset.ts";
import { splitDataset } from "./dataset/split-dataset.ts";
import { type DatasetCard, datasetCardSchema } from "./dataset-card.ts";
import { type DatasetFolder, openDatasetFolder } from "./files/dataset-folder.node.ts";
import { memoryBudget } from "./files/memory-budget.ts";
import { isAbout, stemOf } from "./files/names.ts";
import { openingShape } from "./opening-options.ts";
import { readers as builtInReaders } from "./readers/index.node.ts";
import type { FoundData, ReaderEntry } from "./readers/reader.ts";
import type { Dataset } from "./split.ts";

const openingSchema = z.looseObject(openingShape);

/** Options of {@link openDataset}: those of every dataset, and the settings of its reader. */
export type OpenDatasetOptions = Partial<z.input<z.ZodObject<typeof openingShape>>> & Readonly<Record<string, unknown>>;

/** Description of a dataset: its own `dataset.json`, or, where that is an index of another format, what it says. */
async function readCard(folder: DatasetFolder): Promise<DatasetCard> {
  const name = folder.only === undefined ? basename(join(folder.path, ".")) : stemOf(folder.only);
  const { files } = await folder.list();
  if (folder.only !== undefined || !files.includes("dataset.json")) return datasetCardSchema.parse({ name });
  const where = join(folder.root, "dataset.json");
  let content: unknown;
  try {
    content = JSON.parse(await folder.text("dataset.json"));
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
  return validate(datasetCardSchema, content, { code: "bad-configuration", what: "dataset.json", where });
}

/**
 * Finds the reader of a dataset by asking all of them.
 *
 * @throws VesaliusError `bad-data` where none or several recognise it, with what each looks for
 */
async function recognised(found: FoundData, readers: Catalogue<ReaderEntry>): Promise<ReaderEntry> {
  const fitting: ReaderEntry[] = [];
  for (const general of [false, true]) {
    if (fitting.length > 0) break;
    for (const reader of readers.entries)
      if ((reader.general ?? false) === general && (await reader.recognises(found))) fitting.push(reader);
  }
  if (fitting.length === 1) return fitting[0]!;
  const where = found.folder.path;
  if (fitting.length > 1) {
    const named = fitting.map(({ name, looksFor }) => `${name} (${looksFor})`).join("; ");
    throw new VesaliusError("bad-data", `the data can be read in several ways: ${named}`, {
      where,
      fix: `choose one with the option reader: ${fitting.map(({ name }) => name).join(" or ")}`,
    });
  }
  const looked = readers.entries.map(({ name, looksFor }) => `${name}: ${looksFor}`).join("; ");
  throw new VesaliusError("bad-data", `the data are in no layout that is read. Readers look for: ${looked}`, {
    where,
    fix: "bring them into one of these layouts, or name the reader and its options",
  });
}

/** Options without those that every dataset takes. */
const ownSettings = (options: OpenDatasetOptions): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([key]) => !Object.hasOwn(openingShape, key)));

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
  const folder = await openDatasetFolder(path, memoryBudget(opening.maxBytes));
  const card = await readCard(folder);
  const all = await folder.list();
  const found = { folder, card, entries: { ...all, files: all.files.filter((file) => !isAbout(file)) } };
  const reader = opening.reader === undefined ? await recognised(found, readers) : readers.entry(opening.reader);
  const settings = validate(reader.settings, ownSettings(options), {
    code: "bad-argument",
    what: `${what}, reader ${reader.name}`,
  });
  const read = await reader.create(settings)(found);
  const cautions = [...card.cautions, ...(read.cautions ?? [])];
  const dataset = assembleDataset({ name: card.name, ...read, card: { ...card, cautions } }, opening);
  const { split, seed, strata } = opening;
  if (split === undefined) return dataset;
  return splitDataset(dataset, { shares: split, seed, ...(strata === undefined ? {} : { strata }) });
}
