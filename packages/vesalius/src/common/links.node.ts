import { realpath } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";

/** Whether a path lies in a folder, or is it, by their spelling. */
export function liesIn(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return inside === "" || (inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside));
}

/** A snapshot in the cache of Hugging Face's hub: `models--org--name/snapshots/<hash>`, and folders of it. */
const SNAPSHOT = /^(.*[\\/](?:models|datasets)--[^\\/]+)[\\/]snapshots[\\/][^\\/]+(?:[\\/]|$)/;

/**
 * Whether a file belongs to a folder: it lies in it or, where the folder is a snapshot in the cache of Hugging Face's hub,
 * in the `blobs` beside the snapshots, which is where the links of a snapshot lead.
 *
 * @param file where it really lies, its links followed
 * @param folder where it really lies
 */
export async function belongsTo(file: string, folder: string): Promise<boolean> {
  if (liesIn(file, folder)) return true;
  const cache = SNAPSHOT.exec(folder)?.[1];
  if (cache === undefined) return false;
  const blobs = join(cache, "blobs");
  // Blobs that are a link themselves lead who knows where.
  return liesIn(file, blobs) && (await realpath(blobs).catch(() => undefined)) === blobs;
}
