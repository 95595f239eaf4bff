import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { parseJson } from "../../common/parse-json.ts";
import { firstFault } from "./decode-text.ts";
import { endingOf } from "./names.ts";
import { openParquet } from "./parquet.node.ts";
import type { PieceStorage } from "./pieces.ts";

/** A text of a corpus and where it is. */
export interface FoundText {
  /** First byte, or the row where rows are counted. */
  readonly start: number;
  readonly size: number;
  readonly text: string;
}

/** What a text is in a file without records. */
export type TextUnit = "line" | "paragraph" | "file";

/** Longest text or record in bytes: a record that does not end is no reason to hold a whole file. */
const LONGEST = 2 ** 28;

/** A field of a record that is a text, or a list of texts; nested fields with their path. */
export function textFieldOf(record: unknown, field: string): string | undefined {
  let value: unknown = record;
  for (const key of Object.hasOwn(Object(record) as object, field) ? [field] : field.split("."))
    value = value !== null && typeof value === "object" ? (value as Record<string, unknown>)[key] : undefined;
  if (typeof value === "string") return value === "" ? undefined : value;
  if (Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === "string"))
    return value.join("\n");
  return undefined;
}

/** How the texts of a file are found, by its ending. */
export const formatOf = (file: string): PieceStorage["format"] | undefined => {
  const ending = endingOf(file);
  if (["jsonl", "ndjson"].includes(ending)) return "jsonLines";
  if (["parquet", "pq"].includes(ending)) return "parquet";
  return ["txt", "text", "md"].includes(ending) ? "plain" : undefined;
};

/** Pieces of a file between line ends, or the file, with their first bytes; one part of the file is held at a time. */
async function* linesOf(path: string, whole: boolean, hash: { update(bytes: Buffer): unknown }) {
  let rest: Buffer[] = [];
  let [held, start, at] = [0, 0, 0];
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(part);
    if (at === 0 && part[0] === 0x1f && part[1] === 0x8b)
      throw new VesaliusError("bad-file", "texts that stay in their file cannot be read from a gzip file", {
        where: path,
        fix: "unpack it (gunzip), or open it as a whole with another reader",
      });
    let from = 0;
    for (let end = whole ? -1 : part.indexOf(10); end >= 0; end = part.indexOf(10, from)) {
      const line = rest.length === 0 ? part.subarray(from, end) : Buffer.concat([...rest, part.subarray(from, end)]);
      yield { start, bytes: line };
      rest = [];
      held = 0;
      from = end + 1;
      start = at + from;
    }
    if (from < part.length) {
      rest.push(part.subarray(from));
      held += part.length - from;
    }
    at += part.length;
    if (held > LONGEST)
      throw new VesaliusError("bad-data", `a text has more than ${LONGEST} bytes`, {
        where: `${path}, byte ${start + 1}`,
        fix: "break the text into lines",
      });
  }
  if (held > 0) yield { start, bytes: Buffer.concat(rest) };
}

/** Bytes as text. */
function decoded(bytes: Buffer, path: string, start: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new VesaliusError("bad-file", `the text is not UTF-8 at byte ${start + firstFault(bytes) + 1}`, {
      where: path,
      fix: "save it as UTF-8 (iconv -f WINDOWS-1252 -t UTF-8)",
      cause,
    });
  }
}

async function* plainTexts(path: string, unit: TextUnit, hash: { update(bytes: Buffer): unknown }) {
  let paragraph: { start: number; parts: Buffer[] } | undefined;
  const end = Buffer.from("\n");
  const finished = ({ start, parts }: { start: number; parts: Buffer[] }): FoundText => {
    const bytes = Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [end, part])));
    return { start, size: bytes.length, text: decoded(bytes, path, start) };
  };
  for await (const { start, bytes } of linesOf(path, unit === "file", hash)) {
    if (unit !== "paragraph") {
      const text = decoded(bytes, path, start);
      if (text.trim() !== "") yield { start, size: bytes.length, text };
    } else if (bytes.every((byte) => byte <= 32)) {
      if (paragraph !== undefined) yield finished(paragraph);
      paragraph = undefined;
    } else if (paragraph === undefined) paragraph = { start, parts: [bytes] };
    else paragraph.parts.push(bytes);
  }
  if (paragraph !== undefined) yield finished(paragraph);
}

async function* recordTexts(path: string, field: string, hash: { update(bytes: Buffer): unknown }) {
  let line = 0;
  for await (const { start, bytes } of linesOf(path, false, hash)) {
    line++;
    const written = decoded(bytes, path, start);
    if (written.trim() === "") continue;
    let record: unknown;
    try {
      record = parseJson(written);
    } catch {
      throw new VesaliusError("bad-data", "this is not JSON", { where: `${path}, line ${line}` });
    }
    yield { start, size: bytes.length, text: textFieldOf(record, field) };
  }
}

async function* rowTexts(path: string, field: string, hash: { update(bytes: Buffer): unknown }) {
  const parquet = await openParquet(path);
  if (!parquet.columns.includes(field.split(".")[0]!))
    throw new VesaliusError("bad-data", `there is no column ${field}`, {
      where: path,
      fix: `the columns are ${parquet.columns.join(", ")}; say which one with field`,
    });
  let start = 0;
  for (const group of parquet.groups.keys())
    for (const row of await parquet.read(group, [field.split(".")[0]!])) {
      const text = textFieldOf(row, field);
      hash.update(Buffer.from(text ?? ""));
      yield { start: start++, size: 0, text };
    }
}

/**
 * The texts of a file of a corpus, one after the other, in constant memory: of text files one part is held at a time, of
 * Parquet files one group of rows.
 *
 * @returns texts with their places, undefined where a record has none; the hash of the content is returned at the end
 * @throws VesaliusError `bad-file` with the byte that is no UTF-8, `bad-data` with the line that is no JSON
 */
export async function* corpusTexts(
  path: string,
  { field, unit }: { readonly field: string; readonly unit: TextUnit },
): AsyncGenerator<Omit<FoundText, "text"> & { readonly text: string | undefined }, string> {
  const hash = createHash("sha256");
  try {
    switch (formatOf(path)) {
      case "jsonLines":
        yield* recordTexts(path, field, hash);
        break;
      case "parquet":
        yield* rowTexts(path, field, hash);
        break;
      default:
        yield* plainTexts(path, unit, hash);
    }
  } catch (error) {
    throw fileError(error, path);
  }
  return hash.digest("hex");
}
