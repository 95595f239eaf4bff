import { join } from "node:path";
import { z } from "zod";
import { endingOf } from "../files/names.ts";
import { openParquet } from "../files/parquet.node.ts";
import type { DatasetFolder } from "../files/dataset-folder.node.ts";
import { readerEntry } from "./reader.ts";
import { filesBelow } from "./record-parts.node.ts";
import { readRecords, recordSettings } from "./records/read-records.node.ts";
import { fieldsOf, joinRecords, recordOfObject, type RecordFile } from "./records/records.ts";

const settings = z.strictObject({
  ...recordSettings,
  /** Files to read; all of its kind, also those in folders of the folder, without it. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Whether fields without another role become `covariates` (numbers) and `categories`. */
  covariates: z.boolean().default(false),
});

const isParquet = (file: string): boolean => ["parquet", "pq"].includes(endingOf(file));

/** Rows of a file as records, a group after the other. */
async function readFile(folder: DatasetFolder, file: string, split: string | undefined): Promise<RecordFile> {
  const where = join(folder.root, file);
  const parquet = await openParquet(await folder.place(file));
  const records: ReturnType<typeof recordOfObject>[] = [];
  for (const [group, { bytes }] of parquet.groups.entries()) {
    folder.budget.claim(bytes, "a group of rows", where);
    for (const row of await parquet.read(group)) records.push(recordOfObject(row, where));
  }
  return { where, split, ...fieldsOf(records) };
}

/** Rows of Parquet files, as Hugging Face's datasets are published. */
export const parquet = readerEntry({
  name: "parquet",
  summary: "Rows of Parquet files, one file or several a split (train-00000-of-00002.parquet).",
  looksFor: "files .parquet, in the folder or in folders of it",
  settings,
  general: true,
  async recognises(found) {
    const { files } = found.entries;
    return files.every(isParquet) && (await filesBelow(found, isParquet)).length > 0;
  },
  create: (options) => async (found) => {
    const files = await filesBelow(found, isParquet, options.files);
    const read: RecordFile[] = [];
    for (const { file, split } of files) read.push(await readFile(found.folder, file, split));
    return readRecords(joinRecords(read), options, found);
  },
});
