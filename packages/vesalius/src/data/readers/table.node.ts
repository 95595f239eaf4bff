import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { DatasetFolder } from "../files/dataset-folder.node.ts";
import { endingOf, stemOf, usualSplit } from "../files/names.ts";
import { findColumn, readTable } from "../files/table.node.ts";
import { isImageName } from "./image-files.node.ts";
import { imageFlags } from "./image-columns.node.ts";
import { type FoundData, readerEntry } from "./reader.ts";
import { FILE_NAMES } from "./records/infer-columns.node.ts";
import { readRecords, recordSettings } from "./records/read-records.node.ts";
import { joinRecords, type RecordFile, recordsOfTable } from "./records/records.ts";

const settings = z.strictObject({
  ...recordSettings,
  /** Files to read, where the folder holds other tables too. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Whether columns without another role become `covariates` (numbers) and `categories`. */
  covariates: z.boolean().default(true),
});

/** Whether a file is a table by its name. */
export const isTable = (file: string): boolean => ["csv", "tsv"].includes(endingOf(file));

/** Split that a file's name stands for: `train.csv`, `train_set.json`, `intent.val.tsv`. */
export function splitOfFile(file: string): string | undefined {
  const stem = stemOf(file);
  const parts = stem.split(/[._\- ]/);
  return usualSplit(stem) ?? usualSplit(parts.at(-1)!) ?? usualSplit(parts[0]!);
}

/**
 * The files that a dataset of one kind of file consists of: those that are named, else all, which must then be one, or
 * one for each split.
 *
 * @throws VesaliusError `bad-data` where it is not clear which belong together
 */
export function filesOf(
  { folder, entries }: FoundData,
  fits: (file: string) => boolean,
  named: readonly string[] | undefined,
): readonly string[] {
  if (named !== undefined) return named;
  const files = entries.files.filter(fits);
  const splits = files.map(splitOfFile);
  const whole = files.length === 1 || (!splits.includes(undefined) && new Set(splits).size === files.length);
  if (whole) return files;
  throw new VesaliusError(
    "bad-data",
    `it is not clear which of ${files.length} files belong together: ${files.slice(0, 6).join(", ")}`,
    {
      where: folder.path,
      fix: (option) => `name them with ${option("files")}; files of splits are called train, val, test`,
    },
  );
}

/** One table as records. */
export async function readTableFile(folder: DatasetFolder, file: string): Promise<RecordFile> {
  const where = join(folder.root, file);
  const table = readTable(await folder.text(file), where);
  return { where, split: splitOfFile(file), records: recordsOfTable(table), cautions: table.cautions };
}

/** Whether a table has a column of files whose first one is an image. */
export async function listsImages(folder: DatasetFolder, file: string): Promise<boolean> {
  try {
    const { names, rows } = readTable(await folder.head(file), file);
    const column = findColumn(names, FILE_NAMES);
    return column >= 0 && isImageName(rows[0]![column]!.replace(/^.*[\\/]/, ""));
  } catch {
    // What is wrong with it is said by whoever reads it.
    return false;
  }
}

/** Rows of CSV or TSV files. */
export const table = readerEntry({
  name: "table",
  summary: "Rows of CSV or TSV files: one with a column of splits, or train, val and test.",
  looksFor: "CSV or TSV files and no other data",
  settings,
  flags: imageFlags,
  general: true,
  recognises: ({ entries: { files } }) => Promise.resolve(files.length > 0 && files.every(isTable)),
  create: (options) => async (found) => {
    const files = filesOf(found, isTable, options.files);
    const read = await Promise.all(files.map((file) => readTableFile(found.folder, file)));
    return readRecords(joinRecords(read), options, found);
  },
});
