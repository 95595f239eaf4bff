/** An index of passages on disk: documents in segments that are only ever added, and a list of them that is replaced. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { validate } from "../../../common/check.ts";
import { changedFile, checksumOf } from "../../../common/checksums.ts";
import { VesaliusError } from "../../../common/errors.ts";
import { fileError, writeFileAtomic } from "../../../common/files.node.ts";
import type { SourceDocument } from "./passage.ts";
import { PassageIndex } from "./passage-index.ts";
import { defaultSupport, type SupportModel, supportModelSchema } from "./support.ts";

const documentSchema = z.strictObject({
  id: z.string().min(1),
  title: z.string().optional(),
  text: z.string().min(1),
  source: z.string().optional(),
  date: z.string().optional(),
  url: z.string().optional(),
});

const manifestSchema = z.strictObject({
  version: z.literal(1),
  /** Words of a passage. */
  longest: z.int().positive().max(10_000),
  support: supportModelSchema,
  segments: z.array(
    z.strictObject({ file: z.string().regex(/^documents-\d{5}\.jsonl$/), documents: z.int(), checksum: z.string() }),
  ),
});

type Manifest = z.output<typeof manifestSchema>;

/** An index with what decides when it declines. */
export interface OpenedIndex {
  readonly index: PassageIndex;
  readonly support: SupportModel;
}

const manifestName = "index.json";

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw fileError(error, path);
  }
}

function parsed<Schema extends z.ZodType>(text: string, schema: Schema, where: string): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new VesaliusError("bad-file", "the file is no valid JSON", { where, cause: error });
  }
  return validate(schema, json, { code: "bad-file", what: "index", where });
}

const readManifest = async (folder: string): Promise<Manifest> =>
  parsed(await readText(join(folder, manifestName)), manifestSchema, join(folder, manifestName));

/**
 * Opens an index of passages.
 *
 * @throws VesaliusError `missing-file`, or `bad-file` for files that were changed or do not parse
 */
export async function openPassageIndex(folder: string): Promise<OpenedIndex> {
  const { longest, support, segments } = await readManifest(folder);
  const documents: SourceDocument[] = [];
  for (const { file, checksum } of segments) {
    const where = join(folder, file);
    const text = await readText(where);
    if (checksumOf(text) !== checksum) throw changedFile(where, "index the documents again");
    for (const [i, line] of text.trimEnd().split("\n").entries())
      documents.push(parsed(line, documentSchema, `${where}, line ${i + 1}`));
  }
  return { index: new PassageIndex(documents, longest), support };
}

/** How an index is written. */
export interface WriteIndexOptions {
  readonly longest?: number;
  readonly support?: SupportModel;
}

/**
 * Adds documents to an index on disk, which is begun where there is none. The new segment is on disk before the list names
 * it, so whoever is interrupted leaves the index as it was.
 *
 * @returns how many documents are new, and how many took the place of one with the same identifier
 * @throws VesaliusError `bad-data` for a document without a text, `output-not-writable`, `disk-full`
 */
export async function addToIndex(
  folder: string,
  documents: readonly SourceDocument[],
  { longest, support }: WriteIndexOptions = {},
): Promise<{ readonly added: number; readonly replaced: number; readonly passages: number }> {
  const before = await readManifest(folder).catch((error: unknown) => {
    if (error instanceof VesaliusError && error.code === "missing-file") return undefined;
    throw error;
  });
  const { index } = before === undefined ? { index: new PassageIndex([], longest) } : await openPassageIndex(folder);
  const counts = index.add(documents);
  const file = `documents-${String((before?.segments.length ?? 0) + 1).padStart(5, "0")}.jsonl`;
  const text = documents.map((document) => `${JSON.stringify(document)}\n`).join("");
  const manifest: Manifest = {
    version: 1,
    longest: before?.longest ?? longest ?? 120,
    support: support ?? before?.support ?? defaultSupport,
    segments: [
      ...(before?.segments ?? []),
      ...(documents.length === 0 ? [] : [{ file, documents: documents.length, checksum: checksumOf(text) }]),
    ],
  };
  if (documents.length > 0) await writeFileAtomic(join(folder, file), text);
  await writeFileAtomic(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  return { ...counts, passages: index.passages.length };
}
