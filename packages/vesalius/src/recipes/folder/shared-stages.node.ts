import { constants, copyFile, link, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sealed } from "../../common/checksums.ts";
import { fileError, makeFolder, writeFileAtomic } from "../../common/files.node.ts";
import { isAbandoned, temporaryPath, withdrawTemporary } from "../../common/temporary-files.node.ts";
import { type StageRecord, stageRecordSchema } from "../stages/records.ts";
import type { Stage } from "../stages/stage.ts";
import { filesAreWhole, readJsonIfThere } from "./run-folder.node.ts";

/** Gives a file a second name, or copies it where the file system cannot; files of runs are replaced, never changed. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
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

/** How often a stage is fetched that others move at the same time. */
const mostTimes = 10;

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
    for (let time = 1; ; time += 1) {
      const record = await this.#whole(key, kind);
      if (record === undefined) return undefined;
      try {
        await linkAll(join(this.#path, key, "files"), target, record);
        return { ...record, stage: name };
      } catch (error) {
        // Another run may have taken it away to mend it, and put a whole one in its place.
        if (time === mostTimes) throw error;
      }
    }
  }

  /** The record of a stage whose files are all here and undamaged. */
  async #whole(key: string, kind: string): Promise<StageRecord | undefined> {
    const record = await readJsonIfThere(join(this.#path, key, "record.json"), stageRecordSchema);
    const whole = record?.key === key && record.kind === kind;
    return whole && (await filesAreWhole(join(this.#path, key, "files"), record)) ? record : undefined;
  }

  /** Removes what runs left that were killed while they published. */
  async #clearAbandoned(): Promise<void> {
    for (const name of await readdir(this.#path).catch(() => [])) {
      const path = join(this.#path, name);
      if (await isAbandoned(path)) await rm(path, { recursive: true, force: true });
    }
  }

  /** Moves a folder to where none is. @returns false where another is there already */
  async #moveIn(temporary: string, target: string): Promise<boolean> {
    try {
      await rename(temporary, target);
      return true;
    } catch (error) {
      if (["ENOTEMPTY", "EEXIST", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
      throw error;
    }
  }

  /**
   * Leaves a finished stage for other runs.
   *
   * @throws VesaliusError `output-not-writable`, `disk-full`
   */
  async publish(record: StageRecord, source: string): Promise<void> {
    const target = join(this.#path, record.key);
    const [temporary, damaged] = [temporaryPath(target), temporaryPath(target)];
    try {
      await this.#clearAbandoned();
      await linkAll(source, join(temporary, "files"), record);
      await writeFileAtomic(join(temporary, "record.json"), `${JSON.stringify(sealed(record), null, 2)}\n`);
      if (await this.#moveIn(temporary, target)) return;
      if ((await this.#whole(record.key, record.kind)) !== undefined) return;
      // What is there is damaged. A rename takes it away whole, however many runs mend it at once; one of them moves in.
      await rename(target, damaged).catch(() => {});
      await this.#moveIn(temporary, target);
    } catch (error) {
      throw fileError(error, target);
    } finally {
      for (const path of [temporary, damaged]) {
        await rm(path, { recursive: true, force: true });
        withdrawTemporary(path);
      }
    }
  }
}
