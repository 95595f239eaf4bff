import type { Catalogue } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { endingOf } from "../files/names.ts";
import type { FoundData, ReaderEntry } from "./reader.ts";

/** Readers that recognise a dataset: special ones, and general ones only where none of those does. */
async function recognising(found: FoundData, readers: Catalogue<ReaderEntry>): Promise<ReaderEntry[]> {
  for (const general of [false, true]) {
    const fitting: ReaderEntry[] = [];
    for (const reader of readers.entries)
      if ((reader.general ?? false) === general && (await reader.recognises(found))) fitting.push(reader);
    if (fitting.length > 0) return fitting;
  }
  return [];
}

/** Endings of documents, archives and programs that lie beside data and are none that any reader knows. */
const BESIDE: ReadonlySet<string> = new Set(
  "pdf doc docx ppt pptx xls xlsx ods odt rtf html htm xml yaml yml toml ini cfg log py ipynb r m sh bat zip tar 7z rar".split(
    " ",
  ),
);

/** A dataset as if what lies beside its data were not there: documents, and then also texts, which can be lists of names. */
const withoutBeside = (found: FoundData, texts: boolean): FoundData => {
  const beside = (file: string): boolean => BESIDE.has(endingOf(file)) || (texts && endingOf(file) === "txt");
  const files = found.entries.files.filter((file) => !beside(file));
  return { ...found, entries: { ...found.entries, files } };
};

/** What a folder holds, for a message: files by ending, also in folders inside it, and the number of these. */
export async function contentOf({ folder, entries: { files, folders } }: FoundData): Promise<string> {
  const all =
    folder.only === undefined ? await folder.unread() : new Map(files.map((file) => [`.${endingOf(file)}`, 1]));
  const counts = [...all].sort(([, a], [, b]) => b - a).map(([ending, count]) => `${count} ${ending}`);
  const inside = folders.length === 0 ? [] : [folders.length === 1 ? "1 folder" : `${folders.length} folders`];
  const held = [...inside, ...counts.slice(0, 8)];
  return held.length === 0 ? "nothing" : held.join(", ");
}

/** The reader of a dataset, and what it is shown of the dataset. */
export interface Recognised {
  readonly reader: ReaderEntry;
  readonly found: FoundData;
}

/**
 * Finds the reader of a dataset by asking all of them.
 *
 * @returns undefined where none recognises it
 * @throws VesaliusError `bad-data` where several do, with what each looks for
 */
export async function recognised(all: FoundData, readers: Catalogue<ReaderEntry>): Promise<Recognised | undefined> {
  let found = all;
  let fitting = await recognising(found, readers);
  for (const texts of [false, true]) {
    if (fitting.length > 0) break;
    found = withoutBeside(all, texts);
    fitting = await recognising(found, readers);
  }
  if (fitting.length === 1) return { reader: fitting[0]!, found };
  if (fitting.length === 0) return undefined;
  const named = fitting.map(({ name, looksFor }) => `${name} (${looksFor})`).join("; ");
  throw new VesaliusError("bad-data", `the data can be read in several ways: ${named}`, {
    where: found.folder.path,
    fix: (option) => `choose one with ${option("reader")}: ${fitting.map(({ name }) => name).join(" or ")}`,
  });
}
