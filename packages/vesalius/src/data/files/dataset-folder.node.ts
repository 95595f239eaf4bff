import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { decodeText, type TextEncodingName } from "./decode-text.ts";
import { filesByName } from "./files-by-name.node.ts";
import { gunzip, isGzip } from "./gunzip.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { isOfSystem } from "./names.ts";
import { placeInside } from "./place-inside.node.ts";
import { readBytes } from "./read-file.node.ts";
import { textStart } from "./text-start.node.ts";
import { unreadFiles } from "./unread-files.node.ts";

/** What lies in a folder, by name, sorted. */
export interface FolderEntries {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** A dataset's folder, or one file of it: every reader sees files only through this. */
export interface DatasetFolder {
  /** As the caller named it. */
  readonly path: string;
  /** The folder; the one that holds the file where the dataset is a file. */
  readonly root: string;
  /** Name of the file where the dataset is one. */
  readonly only: string | undefined;
  readonly budget: MemoryBudget;
  /**
   * Files and folders of the folder, or of one inside it. Hidden ones and what operating systems leave behind are left
   * out; links that lead elsewhere inside the dataset are followed.
   */
  list(folder?: string): Promise<FolderEntries>;
  /**
   * Place of a file that a table or an index names, relative to the folder, with slashes of either kind; where none is
   * there, of the one file of that name, in any folder and letter case. It counts as read.
   *
   * @param by who names it, for messages
   * @throws VesaliusError `bad-data` where it leads outside the dataset, `missing-file`
   */
  place(file: string, by?: string): Promise<string>;
  /** Content of a file, unpacked where it is a gzip file. */
  bytes(file: string): Promise<Uint8Array>;
  /** Content of a text file; see {@link decodeText}. */
  text(file: string): Promise<string>;
  /** Beginning of a text file, for recognising it: at most 64 KiB, complete lines only where there are several. */
  head(file: string): Promise<string>;
  /** Files of the folder that nobody has read so far, counted by ending; none where the dataset is one file. */
  unread(): Promise<ReadonlyMap<string, number>>;
  /** How many files lie elsewhere, or are written otherwise, than they are named. */
  elsewhere(): number;
}

/**
 * Opens a dataset's folder, or a file that is a dataset.
 *
 * @param encoding of texts that are none of Unicode's
 * @throws VesaliusError `missing-file`, or `bad-file` for a pipe, device or socket
 */
export async function openDatasetFolder(
  path: string,
  budget: MemoryBudget,
  encoding?: TextEncodingName,
): Promise<DatasetFolder> {
  const failed = (error: unknown): never => {
    throw fileError(error, path);
  };
  const found = await stat(path).catch(failed);
  if (!found.isDirectory() && !found.isFile())
    throw new VesaliusError("bad-file", "a pipe, device or socket is no dataset", { where: path });
  const only = found.isFile() ? basename(path) : undefined;
  const root = only === undefined ? path : dirname(path);
  // What lies inside is decided by where things really are: the folder itself may be a link, and so may the one file.
  const real = await realpath(root).catch(failed);
  const inside = placeInside(root, real);
  const find = (file: string, by: string): Promise<string> =>
    file === only && by === path ? Promise.resolve(path) : inside(file, by);
  const read = new Set<string>();
  const named = filesByName(root);
  const elsewhere = new Set<string>();

  /** The one file of that name, wherever it lies in the folder. */
  async function byName(file: string, by: string): Promise<string> {
    const [first, ...others] = await named(file);
    if (first === undefined)
      throw new VesaliusError("missing-file", "a file is named that is not there", {
        where: by,
        fix: "correct the name, or put the file into the folder",
      });
    if (others.length > 0)
      throw new VesaliusError("bad-data", `${others.length + 1} files have the name that is given`, {
        where: by,
        fix: "write the folder in front of the name",
      });
    elsewhere.add(first);
    return first;
  }

  async function place(file: string, by = path): Promise<string> {
    // A cell is not repeated: in a wrong column it could hold anything.
    const at = await find(file, by).catch((error: unknown) => {
      if (by === path || !(error instanceof VesaliusError) || error.code !== "missing-file") throw error;
      return byName(file, by);
    });
    const found = await stat(at).catch((error: unknown) => {
      throw fileError(error, at);
    });
    if (!found.isFile() && !found.isDirectory())
      throw new VesaliusError("bad-file", "a pipe, device or socket is no file", { where: at });
    read.add(await realpath(at).catch(() => at));
    return at;
  }

  async function list(folder = ""): Promise<FolderEntries> {
    if (only !== undefined && folder === "") return { files: [only], folders: [] };
    const at = folder === "" ? root : await find(folder, join(root, folder));
    const entries = await readdir(at, { withFileTypes: true }).catch((error: unknown) => {
      throw fileError(error, at);
    });
    const files: string[] = [];
    const folders: string[] = [];
    for (const entry of entries) {
      const { name } = entry;
      if (isOfSystem(name)) continue;
      let kind: { isDirectory(): boolean; isFile(): boolean } = entry;
      if (entry.isSymbolicLink()) kind = await stat(await find(join(folder, name), join(at, name)));
      if (kind.isDirectory()) folders.push(name);
      else if (kind.isFile()) files.push(name);
      else
        throw new VesaliusError("bad-file", "a pipe, device or socket lies among the data", { where: join(at, name) });
    }
    return { files: files.sort(), folders: folders.sort() };
  }

  async function bytes(file: string): Promise<Uint8Array> {
    const at = await place(file);
    const { size } = await stat(at).catch((error: unknown) => {
      throw fileError(error, at);
    });
    budget.claim(size, "the file", at);
    const content = await readBytes(at);
    if (!isGzip(content)) return content;
    const unpacked = gunzip(content, { where: at, maxBytes: budget.left });
    budget.claim(unpacked.length, "the unpacked file", at);
    return unpacked;
  }

  return {
    path,
    root,
    only,
    budget,
    list,
    place,
    bytes,
    text: async (file) => decodeText(await bytes(file), join(root, file), encoding),
    async head(file) {
      const at = await find(file, path);
      return textStart(at).catch((error: unknown) => {
        throw fileError(error, at);
      });
    },
    elsewhere: () => elsewhere.size,
    unread: async () => (only === undefined ? unreadFiles(root, read) : new Map()),
  };
}
