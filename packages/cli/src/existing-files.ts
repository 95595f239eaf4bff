import { lstat, open } from "node:fs/promises";
import { Option } from "commander";
import { VesaliusError } from "vesalius";

/** Tells from its beginning whether a file is an earlier output of the same command. */
export type IsOwn = (beginning: Buffer) => boolean;

/** What is looked at of a file. */
const beginningBytes = 4096;

export const overwriteOption = (): Option =>
  new Option("--overwrite", "write over files that are there, also over those that this command did not write");

async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(beginningBytes), 0, beginningBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Refuses to write over a file, or a link, that is there already. An earlier output of the same command may be replaced,
 * and with `--overwrite` everything.
 *
 * @param asked `flag` is how the user named the place: `--out`; `overwrite` is left out by commands that do not know it;
 * nothing that is there passes without `isOwn`
 * @throws VesaliusError `output-not-writable`
 */
export async function refuseExisting(
  path: string,
  asked: { readonly flag: string; readonly overwrite?: true | undefined; readonly isOwn?: IsOwn },
): Promise<void> {
  const { flag, overwrite, isOwn = () => false } = asked;
  if (overwrite === true) return;
  const info = await lstat(path).catch(() => undefined);
  if (info === undefined) return;
  if (info.isFile() && (info.size === 0 || isOwn(await beginningOf(path).catch(() => Buffer.alloc(0))))) return;
  const replace = "overwrite" in asked ? ", or replace it with --overwrite" : "";
  throw new VesaliusError("output-not-writable", "there is something else already, and it stays as it is", {
    where: path,
    fix: `choose another place with ${flag}${replace}`,
  });
}

/** Whether a file is a report of an evaluation. */
export const isEvaluation: IsOwn = (beginning) =>
  /^\{\s*"notice": "Research use only/.test(beginning.toString()) && beginning.includes('"kind"');

/** Whether a file is a model that was exported here. */
export const isExportedModel: IsOwn = (beginning) => beginning.subarray(0, 64).includes("vesalius");

/** Whether a file is a result of a run. */
export const isResult: IsOwn = (beginning) => /^\{\s*"recipe": /.test(beginning.toString());

/** Whether a file holds answers of the same form: the same line at its head. */
export const hasHeadOf =
  (content: string | Uint8Array): IsOwn =>
  (beginning) => {
    if (typeof content !== "string") return false;
    const [head] = content.split("\n", 1) as [string];
    return head !== "" && beginning.toString().startsWith(`${head}\n`.slice(0, beginningBytes / 4));
  };
