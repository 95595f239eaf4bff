import { type FileHandle, open } from "node:fs/promises";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { parseJson } from "../../common/parse-json.ts";
import { textFieldOf } from "./corpus-texts.node.ts";
import { openParquet } from "./parquet.node.ts";
import type { PieceStorage } from "./pieces.ts";

/** Groups of rows of Parquet files that are kept, since neighbouring texts are read together. */
const KEPT = 4;
const groups = new Map<string, Promise<readonly (string | null)[]>>();
const opened = new Map<string, ReturnType<typeof openParquet>>();

const changed = (where: string): VesaliusError =>
  new VesaliusError("bad-file", "the file was changed after its texts were found", {
    where,
    fix: "open the data again",
  });

/** Texts of a group of rows; the latest few groups are kept. */
function groupTexts(path: string, group: number, field: string): Promise<readonly (string | null)[]> {
  const key = `${path}\n${group}\n${field}`;
  const found =
    groups.get(key) ??
    (opened.get(path) ?? opened.set(path, openParquet(path)).get(path)!).then(async (parquet) =>
      (await parquet.read(group, [field])).map((row) => textFieldOf(row, field) ?? null),
    );
  groups.delete(key);
  groups.set(key, found);
  for (const old of [...groups.keys()].slice(0, -KEPT)) groups.delete(old);
  return found;
}

/** A row of a Parquet file. */
async function rowText(path: string, row: number, field: string): Promise<string> {
  const parquet = await (opened.get(path) ?? opened.set(path, openParquet(path)).get(path)!);
  let at = row;
  for (const [group, { rows }] of parquet.groups.entries()) {
    if (at < rows) return (await groupTexts(path, group, field))[at] ?? "";
    at -= rows;
  }
  throw changed(path);
}

/**
 * The texts of some pieces, in the order in which they are asked for.
 *
 * @throws VesaliusError `missing-file`, or `bad-file` for files that were changed since
 */
export async function readPieces(storage: PieceStorage, places: readonly number[]): Promise<string[]> {
  const { files, format, field, fileOf, starts, sizes, from, to } = storage;
  const handles = new Map<number, FileHandle>();
  const texts: string[] = [];
  try {
    for (const place of places) {
      const file = fileOf[place]!;
      const path = files[file]!;
      let text: string;
      if (format === "parquet") text = await rowText(path, starts[place]!, field);
      else {
        let handle = handles.get(file);
        if (handle === undefined) {
          handle = await open(path, "r").catch((error: unknown) => {
            throw fileError(error, path);
          });
          handles.set(file, handle);
        }
        const buffer = Buffer.alloc(sizes[place]!);
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, starts[place]);
        if (bytesRead < buffer.length) throw changed(path);
        text = buffer.toString("utf8");
        if (format === "jsonLines") {
          try {
            text = textFieldOf(parseJson(text), field) ?? "";
          } catch {
            throw changed(path);
          }
        }
      }
      if (text.length < to[place]!) throw changed(path);
      texts.push(text.slice(from[place], to[place]));
    }
  } finally {
    await Promise.all([...handles.values()].map((handle) => handle.close()));
  }
  return texts;
}
