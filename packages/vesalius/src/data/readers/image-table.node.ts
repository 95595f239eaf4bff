import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { findColumn } from "../files/table.node.ts";
import type { DatasetFolder } from "../files/dataset-folder.node.ts";
import { imageFlags } from "./image-columns.node.ts";
import { readerEntry } from "./reader.ts";
import { FILE_NAMES, isTextField } from "./records/infer-columns.node.ts";
import { readRecords, recordSettings } from "./records/read-records.node.ts";
import { joinRecords, listedNames, type Records } from "./records/records.ts";
import { listsImages, readTableFile } from "./table.node.ts";

const settings = z.strictObject({
  ...recordSettings,
  /** The table, where it is not called `labels.csv`. */
  file: z.string().min(1).default("labels.csv"),
  /** Column that names the image files; `file`, `path`, `image` and the like are found without it. */
  imageColumn: z.string().min(1).optional(),
  /** Class names by class index, in place of those of the card or the table. */
  labels: z.array(z.string().min(1)).min(1).optional(),
  /** Whether the classes have an order (grade, stage). */
  ordered: z.boolean().default(false),
});

/**
 * Refuses a file that is listed twice, also in two spellings. An image may have several rows where a text tells them
 * apart: its questions, its reports.
 *
 * @returns whether each image has one row
 */
async function checkFiles(records: Records, field: string, folder: DatasetFolder): Promise<boolean> {
  const seen = new Map<string, number>();
  const paths = new Set<string>();
  const texts = [...records.fields].flatMap(([name, cells]) => (name !== field && isTextField(name) ? [cells] : []));
  for (const [row, cell] of records.fields.get(field)!.entries()) {
    const where = records.whereOf(row);
    if (typeof cell !== "string")
      throw new VesaliusError("bad-data", `the ${field} is missing`, { where, fix: "fill the cell or drop the row" });
    const path = await folder.place(cell, where);
    paths.add(path);
    const key = JSON.stringify([path, ...texts.map((cells) => cells[row])]);
    const before = seen.get(key);
    if (before !== undefined) {
      throw new VesaliusError("bad-data", `the file is listed twice, first in ${records.whereOf(before)}`, {
        where,
        fix: "keep one of its rows; rows of one image differ in a column of texts, such as question",
      });
    }
    seen.set(key, row);
  }
  return paths.size === records.length;
}

/** Image files with a table of labels. */
export const labelsCsv = readerEntry({
  name: "labelsCsv",
  summary: "Images with a table labels.csv: file, label, split, group, mask; other columns become attributes.",
  looksFor: "a table labels.csv with a column file, path or image that names image files",
  settings,
  flags: imageFlags,
  recognises: async ({ folder, entries: { files } }) =>
    files.includes("labels.csv") && (await listsImages(folder, "labels.csv")),
  create:
    ({ file, imageColumn, labels, ordered, ...options }) =>
    async (found) => {
      const { folder } = found;
      const records = joinRecords([await readTableFile(folder, file)]);
      const names = [...records.fields.keys()];
      const index = findColumn(names, imageColumn === undefined ? FILE_NAMES : [imageColumn]);
      if (index < 0) {
        throw new VesaliusError("bad-data", 'the table has no column "file" that names the images', {
          where: `${folder.root}/${file}`,
          fix: (option) => `it has ${listedNames(names)}; say which with ${option("imageColumn")}`,
        });
      }
      const field = names[index]!;
      const single = await checkFiles(records, field, folder);
      const read = await readRecords(
        records,
        { ...options, idColumn: options.idColumn ?? (single ? field : undefined), covariates: false },
        found,
        { imageField: field, labels, ordered },
      );
      return { ...read, unit: "images" };
    },
});
