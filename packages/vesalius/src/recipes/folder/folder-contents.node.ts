import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { VesaliusError } from "../../common/errors.ts";
import { fileError, refuseLinks } from "../../common/files.node.ts";
import { isAbandoned } from "../../common/temporary-files.node.ts";
import { environmentSchema } from "./environment.ts";
import { parseJson } from "../../common/parse-json.ts";

/** Names at the top of a run's folder. */
const ownFolders = ["stages", "checkpoints", "pretraining", "models", "evaluations", "baselines", "studies"];
const ownFiles = ["environment.json", "recipe.yaml", "metrics.jsonl", "report.json", "report.html", "summary.json"];

/** Temporary files of earlier versions, whose names do not tell their maker. */
const earlierTemporary = /\.[0-9a-f]{12}\.tmp$/;

/** What a killed session left half-written in a run's own folder, whose lock is held. */
async function* tornIn(path: string): AsyncIterable<string> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const at = join(path, entry.name);
    if (entry.isDirectory()) yield* tornIn(at);
    else if (entry.isFile() && (earlierTemporary.test(entry.name) || (await isAbandoned(at)))) yield at;
  }
}

/** Whether a temporary file at the top of a folder is one of a run: its name says which file it was to become. */
const isTornOwn = (name: string): boolean =>
  ownFiles.some((file) => name.startsWith(`${file}.`)) && /[.-][0-9a-f]{12}\.tmp$/.test(name);

/** Entries that file systems and desktops put everywhere. */
const everywhere = new Set(["lost+found", ".DS_Store"]);

/** A folder that is taken by something else. */
export const occupied = (path: string, what: string): VesaliusError =>
  new VesaliusError("bad-configuration", what, {
    where: path,
    fix: (option) => `choose another folder with ${option("out")}`,
  });

/**
 * Refuses a folder that holds something else than a run, and one whose own folders are links: what is written would land
 * outside.
 *
 * @throws VesaliusError `bad-configuration`, `output-not-writable`
 */
export async function refuseForeign(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, path);
  });
  const others = entries.filter(
    ({ name }) => !name.startsWith("run.lock") && !isTornOwn(name) && !everywhere.has(name),
  );
  if (others.length === 0) return;
  const environment = await readFile(join(path, "environment.json"), "utf8").catch(() => "");
  let written: unknown;
  try {
    written = parseJson(environment);
  } catch {
    written = undefined;
  }
  if (!environmentSchema.safeParse(written).success)
    throw occupied(path, `the folder is not empty and holds no run: ${others[0]!.name}`);
  for (const { name } of others) if (ownFolders.includes(name)) await refuseLinksBelow(path, join(path, name));
}

async function refuseLinksBelow(folder: string, path: string): Promise<void> {
  await refuseLinks(folder, join(path, "file"));
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => []))
    if (entry.isDirectory() || entry.isSymbolicLink()) {
      const at = join(path, entry.name);
      // A link to a file is replaced by the file that is written, not followed.
      if (entry.isDirectory() || (await stat(at).catch(() => undefined))?.isDirectory() === true)
        await refuseLinksBelow(folder, at);
    }
}

/** Removes the temporary files of a run that killed sessions left. */
export async function removeTorn(path: string): Promise<void> {
  for (const name of await readdir(path)) if (isTornOwn(name)) await rm(join(path, name), { force: true });
  for (const name of ownFolders) {
    const at = join(path, name);
    if ((await stat(at).catch(() => undefined))?.isDirectory() === true)
      for await (const torn of tornIn(at)) await rm(torn, { force: true });
  }
}
