import { readPieces } from "#data/read-pieces";
import type { Column, ColumnKind } from "../column.ts";
import type { PieceStorage } from "../files/pieces.ts";
import { joinListRows, takeListRows } from "./arrays.ts";
import { agreed, bytesOf, contentHead, isPresent, lengthsOf, presentCount } from "./storage.ts";

/**
 * Texts that stay in their files, for corpora larger than memory: of each text only the places of its pieces are held, some 24
 * bytes a piece. Files must stay as they are while the column is in use.
 */
export interface DocumentsColumn extends Column, PieceStorage {
  readonly kind: "documents";
  /** `[length + 1]`: the pieces of example i are those from `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** What stands between two pieces, which are parts of different documents. */
  readonly separator: string;
  /** Words of each text together, over all examples. */
  readonly words: number;
}

const lists = { offsets: "offsets", entries: ["fileOf", "starts", "sizes", "from", "to"] } as const;

/** Texts in files: what they say is not looked at before they are read. */
export const documents: ColumnKind<DocumentsColumn, string> = {
  kind: "documents",
  summary: "texts that stay in files larger than memory, read as strings",
  streamed: true,
  async read(column, rows) {
    const wanted = Array.from(rows);
    const places = wanted.flatMap((row) =>
      isPresent(column, row)
        ? Array.from({ length: column.offsets[row + 1]! - column.offsets[row]! }, (_, i) => column.offsets[row]! + i)
        : [],
    );
    const texts = await readPieces(column, places);
    let at = 0;
    return wanted.map((row) => {
      if (!isPresent(column, row)) return null;
      const count = column.offsets[row + 1]! - column.offsets[row]!;
      at += count;
      return texts.slice(at - count, at).join(column.separator);
    });
  },
  take: (column, rows) => takeListRows(column, rows, lists),
  join: (columns) => ({
    ...joinListRows(columns, lists),
    ...agreed(columns, "files", ({ files, format, field, separator }) => ({ files, format, field, separator })),
    words: columns.reduce((sum, { words }) => sum + words, 0),
  }),
  *content(column) {
    yield* contentHead(column, [column.digests, column.format, column.field, column.separator]);
    yield bytesOf(column.offsets);
    for (const name of lists.entries) yield bytesOf(column[name]);
  },
  describe: (column) => ({
    present: presentCount(column),
    files: column.files.length,
    pieces: column.fileOf.length,
    mostPieces: lengthsOf(column.offsets).reduce((a, b) => Math.max(a, b), 0),
  }),
};
