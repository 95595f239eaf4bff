import { z } from "zod";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { readSafetensors, writeSafetensors } from "../../common/safetensors.ts";
import { type Column, type Split, textsColumn, type TextsColumn } from "../../data/index.ts";

/** A table that a model searches, with the vectors that the model makes of its entries. */
export interface KeptIndex {
  /** Column of references that leads to the table. */
  readonly column: string;
  /** Its entries: identifiers, and texts where they are texts. */
  readonly table: Split;
  /** `[entries, width]`, row by row. */
  readonly vectors: Float32Array;
  readonly width: number;
}

const entriesSchema = z.object({
  version: z.literal(1),
  column: z.string(),
  table: z.string(),
  ids: z.array(z.string()).min(1),
  /** Texts by column, one for each entry; null where one is missing. */
  texts: z.record(z.string(), z.array(z.string().nullable())),
});

const where = (file: string, folder: string): string => `${folder}/${file}`;

/** An index as the files of a saved model: vectors as safetensors, identifiers and texts as JSON. */
export function encodeIndex({ column, table, vectors, width }: KeptIndex): { vectors: Uint8Array; entries: string } {
  const texts = Object.entries(table.columns).flatMap(([name, stored]) => {
    const { kind, present } = stored;
    if (kind !== "texts") return [];
    const { values } = stored as TextsColumn;
    return [[name, values.map((value, row) => (present?.[row] === 0 ? null : value))] as const];
  });
  const shape = [table.length, width];
  return {
    vectors: writeSafetensors(new Map([["vectors", { dtype: "float32", shape, data: vectors }]])),
    entries: `${JSON.stringify({
      version: 1,
      column,
      table: table.name,
      ids: table.ids,
      texts: Object.fromEntries(texts),
    })}\n`,
  };
}

/**
 * Reads an index again.
 *
 * @param folder for errors
 * @throws VesaliusError `bad-file` for files that do not parse or do not belong together
 */
export function decodeIndex(
  files: { readonly vectors: Uint8Array; readonly entries: string },
  folder: string,
): KeptIndex {
  const { tensors } = readSafetensors(files.vectors, where("index.safetensors", folder));
  let json: unknown;
  try {
    json = JSON.parse(files.entries);
  } catch (error) {
    throw new VesaliusError("bad-file", "the file is no valid JSON", {
      where: where("index.json", folder),
      cause: error,
    });
  }
  const { column, table, ids, texts } = validate(entriesSchema, json, {
    code: "bad-file",
    what: "index.json",
    where: folder,
  });
  const vectors = tensors.get("vectors");
  const lengths = [vectors?.shape[0], ...Object.values(texts).map(({ length }) => length)];
  if (vectors?.dtype !== "float32" || vectors.shape.length !== 2 || lengths.some((length) => length !== ids.length))
    throw new VesaliusError("bad-file", "the vectors, identifiers and texts of the index are of different entries", {
      where: folder,
      fix: "copy the folder again from where it came, or run the recipe again",
    });
  const columns: Record<string, Column> = Object.fromEntries(
    Object.entries(texts).map(([name, values]) => [name, textsColumn(values)]),
  );
  return {
    column,
    table: { name: table, length: ids.length, ids, groups: undefined, attributes: {}, columns },
    vectors: vectors.data as Float32Array,
    width: vectors.shape[1]!,
  };
}
