import { randomBytes } from "node:crypto";
import { constants, copyFile, link, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileError, writeFileAtomic } from "../../common/files.node.ts";
import { type StageRecord, stageRecordSchema } from "../stages/records.ts";
import type { Stage } from "../stages/stage.ts";
import { filesAreThere, readJsonIfThere } from "./run-folder.node.ts";

/** Gives a file a second name, or copies it where the file system cannot; files of runs are replaced, never changed. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { force: true });
  await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));
}

async function linkAll(from: string, to: string, { files }: StageRecord): Promise<void> {
  try {
    for (const name of Object.keys(files)) await linkOrCopy(join(from, name), join(to, name));
  } catch (error) {
    throw fileError(error, to);
  }
}

/**
 * A folder in which runs share finished stages: `<key>/record.json` and the stage's files below `<key>/files/`. A stage
 * appears whole or not at all, whoever else writes there.
 */
export class SharedStages {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Puts the files of a stage that another run finished into a folder.
   *
   * @param target folder of the stage's files
   * @returns the stage's record, under the name that it has here; undefined where no run has left it
   * @throws VesaliusError `bad-file` for a record that cannot be read, `output-not-writable`, `disk-full`
   */
  async fetch({ key, name, kind }: Stage, target: string): Promise<StageRecord | undefined> {
    const files = join(this.#path, key, "files");
    const record = await readJsonIfThere(join(this.#path, key, "record.json"), stageRecordSchema);
    if (record?.key !== key || record.kind !== kind || !(await filesAreThere(files, record))) return undefined;
    await linkAll(files, target, record);
    return { ...record, stage: name };
  }

  /**
   * Leaves a finished stage for other runs.
   *
   * @throws VesaliusError `output-not-writable`, `disk-full`
   */
  async publish(record: StageRecord, source: string): Promise<void> {
    const target = join(this.#path, record.key);
    const temporary = `${target}.${randomBytes(6).toString("hex")}.tmp`;
    try {
      await linkAll(source, join(temporary, "files"), record);
      await writeFileAtomic(join(temporary, "record.json"), `${JSON.stringify(record, null, 2)}\n`);
      await rm(target, { recursive: true, force: true });
      await rename(temporary, target).catch((error: unknown) => {
        // Another run has just left the same.
        if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      });
    } catch (error) {
      throw fileError(error, target);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
}
