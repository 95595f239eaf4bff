import { open, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep, win32 } from "node:path";
import { Gunzip } from "fflate";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { decodeText } from "./decode-text.ts";
import { gunzip, isGzip } from "./gunzip.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { readBytes } from "./read-file.node.ts";

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
   * Files and folders of the folder, or of one inside it. Hidden ones and `__MACOSX` are left out; links that lead
   * elsewhere inside the dataset are followed.
   */
  list(folder?: string): Promise<FolderEntries>;
  /**
   * Place of a file that a table or an index names, relative to the folder, with slashes of either kind.
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
}

const HEAD = 65_536;

const outside = (file: string, where: string): VesaliusError =>
  new VesaliusError("bad-data", `"${file}" leads outside the dataset's folder`, {
    where,
    fix: "put the files into the folder and name them relative to it",
  });

/** Whether a path lies in a folder, or is it. */
function lies(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return inside === "" || (inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside));
}

async function startOf(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const buffer = new Uint8Array(HEAD);
    const { bytesRead } = await file.read(buffer, 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function unpackStart(bytes: Uint8Array): Uint8Array {
  const parts: number[] = [];
  try {
    new Gunzip((part) => {
      for (const byte of part) if (parts.length < HEAD) parts.push(byte);
    }).push(bytes, false);
  } catch {
    // A damaged file is reported by whoever reads it.
  }
  return Uint8Array.from(parts);
}

/**
 * Opens a dataset's folder, or a file that is a dataset.
 *
 * @throws VesaliusError `missing-file`, or `bad-file` for a pipe, device or socket
 */
export async function openDatasetFolder(path: string, budget: MemoryBudget): Promise<DatasetFolder> {
  const failed = (error: unknown): never => {
    throw fileError(error, path);
  };
  const found = await stat(path).catch(failed);
  if (!found.isDirectory() && !found.isFile())
    throw new VesaliusError("bad-file", "a pipe, device or socket is no dataset", { where: path });
  const only = found.isFile() ? basename(path) : undefined;
  const root = only === undefined ? path : dirname(path);
  // What lies inside is decided by where things really are: the folder itself may be a link.
  const real = await realpath(root).catch(failed);

  async function place(file: string, by = path): Promise<string> {
    const slashed = file.replaceAll("\\", "/");
    if (file.includes("\0") || win32.parse(file).root.includes(":")) throw outside(file, by);
    const named = isAbsolute(slashed) ? slashed : join(root, slashed);
    if (!lies(resolve(named), resolve(root)) && !lies(resolve(named), real)) throw outside(file, by);
    const actual = await realpath(named).catch((error: unknown) => {
      throw fileError(error, named);
    });
    if (!lies(actual, real)) throw outside(file, by);
    return named;
  }

  async function list(folder = ""): Promise<FolderEntries> {
    if (only !== undefined && folder === "") return { files: [only], folders: [] };
    const at = folder === "" ? root : await place(folder);
    const entries = await readdir(at, { withFileTypes: true }).catch((error: unknown) => {
      throw fileError(error, at);
    });
    const files: string[] = [];
    const folders: string[] = [];
    for (const entry of entries) {
      const { name } = entry;
      if (name.startsWith(".") || name === "__MACOSX") continue;
      let kind: { isDirectory(): boolean; isFile(): boolean } = entry;
      if (entry.isSymbolicLink())
        kind = await stat(await place(join(folder, name))).catch((error: unknown) => {
          throw fileError(error, join(at, name));
        });
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
    text: async (file) => decodeText(await bytes(file), join(root, file)),
    async head(file) {
      const at = await place(file);
      const start = await startOf(at).catch((error: unknown) => {
        throw fileError(error, at);
      });
      const content = isGzip(start) ? unpackStart(start) : start;
      const text = new TextDecoder(content[0] === 0xff ? "utf-16le" : "utf-8").decode(content);
      const end = text.lastIndexOf("\n");
      return content.length < HEAD || end < 0 ? text : text.slice(0, end + 1);
    },
  };
}
