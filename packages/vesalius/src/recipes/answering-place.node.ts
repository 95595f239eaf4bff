import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { loadModel } from "../adaptation/index.node.ts";
import type { Answering, AnsweringPlace } from "../adaptation/index.ts";
import { checksumOfFile } from "../common/checksum-of-file.node.ts";
import { VesaliusError } from "../common/errors.ts";
import { fileError } from "../common/files.node.ts";
import { llamaCppChatModel } from "../generation/index.node.ts";
import { deidentifyText } from "../trust/index.ts";
import type { Catalogues } from "./catalogues.ts";
import { checkWeightLinks } from "./data/links.node.ts";
import type { DataPlace } from "./data/open-data.node.ts";
import { contentKey } from "./stages/key.ts";

/** Hash of a file, or of the files of a folder by their names. */
async function digestOf(path: string): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) return await checksumOfFile(path);
    const entries = await readdir(path, { withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
    const hashes: [string, string][] = [];
    for (const name of names) hashes.push([name, await checksumOfFile(join(path, name))]);
    return contentKey(hashes);
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Where methods that train nothing find what answers: files and folders of this machine. */
export function answeringPlace(
  catalogues: Catalogues,
  { followLinks = false }: Pick<DataPlace, "followLinks">,
): AnsweringPlace {
  const checked = async <Result>(path: string, open: () => Promise<Result>): Promise<Result> => {
    if (!followLinks) await checkWeightLinks(path);
    return open();
  };
  return {
    loadModel: (folder) => checked(folder, () => loadModel(folder, catalogues)),
    openChatFile: (file, options) => checked(file, () => llamaCppChatModel(file, options)),
    digestOf: (path) => checked(path, () => digestOf(path)),
    deidentify: deidentifyText,
  };
}

/**
 * Refuses to send what examples say anywhere that was not allowed where the recipe is run: recipes come from others.
 *
 * @throws VesaliusError `bad-argument` naming method and host
 */
export function checkHost(label: string, { sendsTo }: Answering, allowed: readonly string[]): void {
  if (sendsTo === undefined || allowed.includes(sendsTo)) return;
  throw new VesaliusError("bad-argument", `what examples say would be sent to ${sendsTo}`, {
    where: `method ${label}`,
    fix: (option) =>
      `look at what would be sent with ${option("showPrompts", "3")}, and allow it with ${option("allowEndpoint", sendsTo)}`,
  });
}
