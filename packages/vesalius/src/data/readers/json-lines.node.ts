import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { DatasetFolder } from "../files/dataset-folder.node.ts";
import { endingOf } from "../files/names.ts";
import { imageFlags } from "./image-columns.node.ts";
import { readerEntry } from "./reader.ts";
import { readRecords, recordSettings } from "./records/read-records.node.ts";
import { type Cell, fieldsOf, joinRecords, recordOfObject, type RecordFile } from "./records/records.ts";
import { recordFilesOf, recordsOfFiles } from "./record-parts.node.ts";
import { withReferred } from "./records/referred.ts";
import { splitOfFile } from "./record-parts.node.ts";
import { isTable, readTableFile } from "./table.node.ts";
import { parseJson } from "../../common/parse-json.ts";

const settings = z.strictObject({
  ...recordSettings,
  /** Files to read, where the folder holds others too. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Whether fields without another role become `covariates` (numbers) and `categories`. */
  covariates: z.boolean().default(false),
});

const isLines = (file: string): boolean => ["jsonl", "ndjson"].includes(endingOf(file));
const isJson = (file: string): boolean => isLines(file) || endingOf(file) === "json";

/** JSON, without the content that the engine's messages quote. */
function parsed(text: string, where: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new VesaliusError("bad-data", "this is not JSON", {
      where,
      fix: "the file is damaged, or of another format",
    });
  }
}

/**
 * Records of a JSON file: an array, an object that holds nothing but one (`{ "data": [...] }`), or an object that holds
 * one record under each key, which becomes the field `id`.
 */
function recordsOfJson(text: string, where: string): ReadonlyMap<string, Cell>[] {
  const whole = parsed(text, where);
  const inner = whole !== null && typeof whole === "object" ? Object.values(whole) : [];
  const content =
    inner.length === 1 && Array.isArray(inner[0]) && !Array.isArray(whole) ? (inner[0] as unknown) : whole;
  if (Array.isArray(content)) return content.map((record, i) => recordOfObject(record, `${where}, record ${i + 1}`));
  if (content === null || typeof content !== "object")
    throw new VesaliusError("bad-data", "the file holds neither a list nor an object", { where });
  return Object.entries(content).map(
    ([key, record], i) => new Map([["id", key], ...recordOfObject(record, `${where}, record ${i + 1}`)]),
  );
}

/** Objects of a file with one JSON object a line. */
export async function readLines(folder: DatasetFolder, file: string): Promise<RecordFile> {
  const place = join(folder.root, file);
  const lines = (await folder.text(file)).split(/\r?\n/);
  const records = lines.flatMap((line, i) => {
    const where = `${place}, line ${i + 1}`;
    return line.trim() === "" ? [] : [recordOfObject(parsed(line, where), where)];
  });
  return { where: place, split: splitOfFile(file), ...fieldsOf(records) };
}

async function readFile(folder: DatasetFolder, file: string): Promise<RecordFile> {
  if (isTable(file)) return readTableFile(folder, file);
  if (isLines(file)) return readLines(folder, file);
  const where = join(folder.root, file);
  return { where, split: splitOfFile(file), ...fieldsOf(recordsOfJson(await folder.text(file), where)) };
}

/** Objects of JSON files, one a line or in lists. */
export const jsonLines = readerEntry({
  name: "jsonLines",
  summary:
    "Objects of JSON lines or JSON files (questions, answers, reports, images by path), one file or one a split.",
  looksFor: "files .jsonl, .ndjson or .json, beside folders of images or alone",
  settings,
  flags: imageFlags,
  general: true,
  async recognises({ folder, entries: { files } }) {
    const found = files.filter(isJson);
    if (found.length === 0 || found.length < files.length) return false;
    // Bundles of records have readers of their own.
    const heads = await Promise.all(found.slice(0, 3).map((file) => folder.head(file)));
    return !heads.some((head) => head.includes('"resourceType"'));
  },
  create: (options) => async (found) => {
    const { files, sides } = recordFilesOf(found, isJson, options.files);
    const { records, targets } = await recordsOfFiles(files, (file) => readFile(found.folder, file), found);
    let joined = records;
    for (const side of sides) {
      const others = joinRecords([await readFile(found.folder, side)]);
      const referred = withReferred(joined, others);
      if (referred === undefined)
        throw new VesaliusError("bad-data", `no record refers to what ${side} holds`, {
          where: found.folder.path,
          fix: (option) => `name the files of the dataset with ${option("files")}`,
        });
      joined = referred;
    }
    return readRecords(joined, options, found, { targets });
  },
});
