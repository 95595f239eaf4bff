import { basename, extname } from "node:path";
import { createDigest } from "#common/digest";
import { VesaliusError } from "../../common/errors.ts";
import { datasetCardSchema } from "../dataset-card.ts";
import type { Column } from "../column.ts";
import { kindOf } from "../columns/index.ts";
import { moleculesColumn } from "../columns/molecules.ts";
import { sequencesColumn } from "../columns/sequences.ts";
import { textsColumn } from "../columns/texts.ts";
import { volumesColumn } from "../columns/volumes.ts";
import { joinSplits } from "../dataset/join-splits.ts";
import { type DatasetFolder, openDatasetFolder } from "../files/dataset-folder.node.ts";
import { memoryBudget } from "../files/memory-budget.ts";
import { endingOf, isAbout } from "../files/names.ts";
import { openDataset } from "../open-dataset.node.ts";
import { readFasta } from "../readers/fasta.ts";
import { imageFileColumn } from "../readers/image-columns.node.ts";
import { isImageName } from "../readers/image-files.node.ts";
import { alphabetOf } from "../readers/records/infer-columns.node.ts";
import type { Split } from "../split.ts";
import { readNifti } from "../volumes/read-nifti.ts";
import { absentColumn, columnTaking, type InputColumns } from "./input-columns.ts";
import { readInputTable } from "./input-table.node.ts";

/** Options of {@link readInputs}. */
export interface ReadInputsOptions {
  /** What one text of a text file is: the whole file (default) or each line that is not empty. */
  readonly per?: "file" | "line";
  /** Most bytes that reading may hold in memory; 2 GiB unless told. */
  readonly maxBytes?: number;
}

/** One column of what was given, and the name of each example. */
interface Given {
  readonly ids: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
  readonly groups?: readonly string[] | undefined;
}

type ReadFiles = (
  folder: DatasetFolder,
  files: readonly string[],
  columns: InputColumns,
  options: ReadInputsOptions,
) => Promise<Given>;

const images: ReadFiles = async (folder, files, columns) => {
  const name = columnTaking(columns, "images", folder.path);
  const paths = await Promise.all(files.map((file) => folder.place(file)));
  // Decoded when they are read: the network says which size it wants.
  const { make } = await imageFileColumn(paths, { storage: "files" }, folder.budget, folder.path);
  return { ids: files, columns: { [name]: await make(files.map((_, row) => row)) } };
};

const volumes: ReadFiles = async (folder, files, columns) => {
  const name = columnTaking(columns, "volumes", folder.path);
  const items = [];
  for (const file of files) {
    const where = await folder.place(file);
    const content = await folder.bytes(file);
    const hash = createDigest().update(content).hex();
    items.push({ ...readNifti(content, { where, maxBytes: folder.budget.left }), hash });
  }
  return { ids: files, columns: { [name]: volumesColumn(items) } };
};

/** Texts of one file or of what was typed. */
function textsOf(content: string, id: string, per: "file" | "line"): { id: string; text: string }[] {
  if (per === "file") return content.trim() === "" ? [] : [{ id, text: content.replace(/\r?\n$/, "") }];
  return content
    .split(/\r?\n/)
    .flatMap((line, i) => (line.trim() === "" ? [] : [{ id: `${id}#${i + 1}`, text: line }]));
}

const texts: ReadFiles = async (folder, files, columns, { per = "file" }) => {
  const name = columnTaking(columns, "texts", folder.path);
  const read = [];
  for (const file of files) read.push(...textsOf(await folder.text(file), file, per));
  return { ids: read.map(({ id }) => id), columns: { [name]: textsColumn(read.map(({ text }) => text)) } };
};

const sequences: ReadFiles = async (folder, files, columns) => {
  const name = columnTaking(columns, "sequences", folder.path);
  const entries = [];
  for (const file of files) entries.push(...readFasta(await folder.text(file), file));
  const values = entries.map(({ sequence }) => sequence.toUpperCase());
  const alphabet = columns[name]!.alphabet ?? alphabetOf(values) ?? "protein";
  return { ids: entries.map(({ id }) => id), columns: { [name]: sequencesColumn(alphabet, values) } };
};

const molecules: ReadFiles = async (folder, files, columns) => {
  const name = columnTaking(columns, "molecules", folder.path);
  const lines: string[][] = [];
  for (const file of files) {
    const content = await folder.text(file);
    lines.push(...content.split(/\r?\n/).flatMap((line) => (line.trim() === "" ? [] : [line.trim().split(/\s+/)])));
  }
  return {
    ids: lines.map(([, id], i) => id ?? `${i + 1}`),
    columns: { [name]: moleculesColumn(lines.map(([smiles]) => smiles!)) },
  };
};

/** Files by what they hold; the first that takes all files of a folder reads it. */
const FILES: readonly { readonly takes: (file: string) => boolean; readonly read: ReadFiles }[] = [
  { takes: isImageName, read: images },
  { takes: (file) => endingOf(file) === "nii", read: volumes },
  { takes: (file) => ["txt", "text", "md"].includes(endingOf(file)), read: texts },
  { takes: (file) => ["fa", "fasta", "faa", "fna"].includes(endingOf(file)), read: sequences },
  { takes: (file) => ["smi", "smiles"].includes(endingOf(file)), read: molecules },
];

/** All examples of a dataset's folder, whatever its splits. */
async function fromDataset(path: string, columns: InputColumns, options: ReadInputsOptions): Promise<Given> {
  const maxBytes = options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes };
  const opened = await openDataset(path, {
    ...maxBytes,
    allowMissingTrain: true,
    allowMissingClasses: true,
    leakage: "allow-identical",
  });
  const splits = Object.values(opened.splits).map((split): Split => {
    const kept = Object.keys(columns).flatMap((name) => {
      const column = split.columns[name];
      return column === undefined ? [] : [[name, column] as const];
    });
    return { ...split, columns: Object.fromEntries(kept) };
  });
  const { ids, groups, columns: found } = joinSplits(splits, { name: "inputs" });
  return { ids, groups, columns: found };
}

function readFolder(folder: DatasetFolder, files: readonly string[]): ReadFiles | undefined {
  const data = files.filter((file) => !isAbout(file));
  return data.length === 0 ? undefined : FILES.find(({ takes }) => data.every(takes))?.read;
}

/** Adds what the model reads and was not given. */
function completed(given: Given, columns: InputColumns, where: string): Split {
  const { length } = given.ids;
  if (length === 0) throw new VesaliusError("bad-data", "there is nothing to predict for", { where });
  const all: Record<string, Column> = {};
  for (const [name, input] of Object.entries(columns)) {
    const found = given.columns[name];
    if (found !== undefined && !(input.kinds as readonly string[]).includes(found.kind))
      throw new VesaliusError(
        "bad-data",
        `the column ${name} holds ${found.kind}, the model reads ${input.kinds.join(" or ")}`,
        { where },
      );
    if (found === undefined && input.optional !== true) {
      throw new VesaliusError("bad-data", `the model also reads ${name} (${input.kinds.join(" or ")})`, {
        where,
        fix: "give a table (CSV, TSV or JSON lines) with a column for each; images are named by their files",
      });
    }
    all[name] = found ?? absentColumn(name, input, length);
  }
  if (Object.keys(all).every((name) => given.columns[name] === undefined))
    throw new VesaliusError(
      "bad-data",
      `nothing of what the model reads was found: ${Object.keys(columns).join(", ")}`,
      { where },
    );
  return { name: "inputs", length, ids: given.ids, groups: given.groups, attributes: {}, columns: all };
}

/** Identifiers that differ: what comes again gets a number. */
function distinct(ids: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return ids.map((id) => {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return count === 1 ? id : `${id}#${count}`;
  });
}

/**
 * Reads what a person hands to a model into one split with the columns that the model reads: an image or a folder of
 * images, NIfTI volumes, a text file or typed text, FASTA, SMILES, a table or JSON lines with one column for each input
 * (images by their file names), or a dataset's folder. Columns that may be missing and were not given are empty.
 *
 * @param source path of a file or folder, or the text itself (as from standard input)
 * @param columns what the model reads
 * @throws VesaliusError `missing-file`; `bad-file` and `bad-data` as the readers; `bad-data` where something that the
 * model reads was not given
 *
 * @example
 * await readInputs("./scan.nii.gz", { image: { kinds: ["volumes"] } });
 */
export async function readInputs(
  source: string | { readonly text: string; readonly name?: string },
  columns: InputColumns,
  options: ReadInputsOptions = {},
): Promise<Split> {
  if (typeof source !== "string") {
    const { text, name: id = "input" } = source;
    const name = columnTaking(columns, "texts", id);
    const read = textsOf(text, id, options.per ?? "file");
    return completed(
      { ids: read.map((one) => one.id), columns: { [name]: textsColumn(read.map((one) => one.text)) } },
      columns,
      id,
    );
  }
  const folder = await openDatasetFolder(source, memoryBudget(options.maxBytes ?? 2 ** 31));
  const { files, folders } = await folder.list();
  const card = datasetCardSchema.parse({ name: basename(source) });
  const isTable =
    folder.only !== undefined &&
    [".csv", ".tsv", ".jsonl", ".ndjson"].includes(extname(source.replace(/\.gz$/i, "")).toLowerCase());
  const read = folders.length === 0 ? readFolder(folder, files) : undefined;
  let given: Given;
  if (isTable) given = await readInputTable(folder, folder.only, columns, card);
  else if (read !== undefined)
    given = await read(
      folder,
      files.filter((file) => !isAbout(file)),
      columns,
      options,
    );
  else given = await fromDataset(source, columns, options);
  const ids = distinct(given.ids);
  const sizes = Object.values(given.columns).map((column) => kindOf(column) && column.length);
  if (sizes.some((size) => size !== ids.length))
    throw new VesaliusError("shape-mismatch", "columns of the inputs have different lengths", { where: source });
  return completed({ ...given, ids }, columns, source);
}
