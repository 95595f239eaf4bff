import { join } from "node:path";
import { z } from "zod";
import { missingDependency } from "../../common/missing-dependency.ts";
import { endingOf } from "../files/names.ts";
import { readerEntry } from "./reader.ts";
import { readRecords, recordSettings } from "./records/read-records.node.ts";
import { fieldsOf, joinRecords, type RecordFile } from "./records/records.ts";
import { filesBelow } from "./record-parts.node.ts";
import { type MakeParser, recordElement, recordsOfXml } from "./xml-records.ts";

const settings = z.strictObject({
  ...recordSettings,
  /** Element that is one record; a well-known one or the first that repeats without it. */
  record: z.string().min(1).optional(),
  /** Files to read; all of its kind, also those in folders of the folder, without it. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Whether fields without another role become `covariates` (numbers) and `categories`. */
  covariates: z.boolean().default(false),
});

const isXml = (file: string): boolean => endingOf(file) === "xml";

async function loadParser(): Promise<MakeParser> {
  try {
    const { SaxesParser } = await import("saxes");
    return () => new SaxesParser();
  } catch (error) {
    throw missingDependency("saxes", "XML files are read by the package saxes", error);
  }
}

/** Elements of XML files. */
export const xml = readerEntry({
  name: "xml",
  summary: "Elements of XML files (citations of PubMed, questions and answers of MedQuAD), one record each.",
  looksFor: "XML files and no other data, in the folder or in folders of it",
  settings,
  general: true,
  async recognises(found) {
    const { files } = found.entries;
    if (!files.every(isXml)) return false;
    return (await filesBelow(found, isXml)).length > 0;
  },
  create: (options) => async (found) => {
    const makeParser = await loadParser();
    const files = await filesBelow(found, isXml, options.files);
    let record = options.record;
    const read: RecordFile[] = [];
    for (const { file, split } of files) {
      const where = join(found.folder.root, file);
      const text = await found.folder.text(file);
      // What a record is is decided once, by the first file, for all.
      record ??= recordElement(text, where, makeParser);
      read.push({ where, split, ...fieldsOf(recordsOfXml(text, where, record, makeParser)) });
    }
    return readRecords(joinRecords(read), options, found);
  },
});
