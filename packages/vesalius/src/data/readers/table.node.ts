import { join } from "node:path";
import { z } from "zod";
import type { DatasetFolder } from "../files/dataset-folder.node.ts";
import { endingOf } from "../files/names.ts";
import { findColumn, readTable } from "../files/table.node.ts";
import { namesImage } from "./image-files.node.ts";
import { imageFlags } from "./image-columns.node.ts";
import { readerEntry } from "./reader.ts";
import { filesOf, recordFilesOf, recordsOfFiles, splitOfFile } from "./record-parts.node.ts";
import { FILE_NAMES } from "./records/infer-columns.node.ts";
import { readRecords, recordSettings } from "./records/read-records.node.ts";
import { fieldsOfTable, type RecordFile } from "./records/records.ts";

const settings = z.strictObject({
  ...recordSettings,
  /** Files to read, where the folder holds other tables too. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Whether columns without another role become `covariates` (numbers) and `categories`. */
  covariates: z.boolean().default(true),
});

/** Whether a file is a table by its name. */
export const isTable = (file: string): boolean => ["csv", "tsv"].includes(endingOf(file));

/** One table as records. */
export async function readTableFile(folder: DatasetFolder, file: string): Promise<RecordFile> {
  const where = join(folder.root, file);
  const table = readTable(await folder.text(file), where);
  return { where, split: splitOfFile(file), ...fieldsOfTable(table), cautions: table.cautions };
}

/** Whether a table has a column of files whose first one is an image. */
export async function listsImages(folder: DatasetFolder, file: string): Promise<boolean> {
  try {
    const { names, rows } = readTable(await folder.head(file), file);
    const column = findColumn(names, FILE_NAMES);
    return column >= 0 && (await namesImage(rows[0]![column], folder, file));
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
    const { files, sides } = recordFilesOf(found, isTable, options.files);
    if (sides.length > 0) filesOf(found, isTable, options.files);
    const { records, targets } = await recordsOfFiles(files, (file) => readTableFile(found.folder, file), found);
    return readRecords(records, options, found, { targets });
  },
});
