import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { fileError, writeFileAtomic } from "../../common/files.node.ts";
import { type CheckpointStore, checkpointFile } from "../../training/index.node.ts";
import { type Cost, costSchema, type StageRecord, stageRecordSchema } from "../stages/records.ts";
import type { Stage } from "../stages/stage.ts";
import { differences } from "./differences.ts";
import { lockFolder } from "./lock.node.ts";

/** Text of a file; undefined where there is none. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw fileError(error, path);
  }
}

/** A JSON file that was written by an earlier session; undefined where there is none. */
export async function readJsonIfThere<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new VesaliusError("bad-file", "the file was not written by a run of this version", {
    where: path,
    fix: "delete it to repeat what it stands for, or choose another folder with --out",
    cause: parsed.error,
  });
}

/** Whether a stage's files lie in a folder as the record says. */
export async function filesAreThere(folder: string, { files }: Pick<StageRecord, "files">): Promise<boolean> {
  const found = await Promise.all(
    Object.entries(files).map(async ([name, size]) => {
      const info = await stat(join(folder, name)).catch(() => undefined);
      return info?.size === size;
    }),
  );
  return found.every(Boolean);
}

/** Removes the temporary files that a killed process could not. */
async function removeTorn(path: string): Promise<void> {
  for (const name of await readdir(path, { recursive: true }))
    if (/\.[0-9a-f]{12}\.tmp$/.test(name) && !name.startsWith("run.lock")) await rm(join(path, name), { force: true });
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * The folder of one run, held under a lock:
 * `recipe.yaml`, `environment.json`, `metrics.jsonl`, `stages/` (records of finished stages), `checkpoints/` (of the
 * stage that is under way), `pretraining/`, `models/`, `evaluations/`, `studies/`, `report.json`, `report.html`,
 * `summary.json`.
 */
export class RunFolder {
  readonly path: string;
  readonly #unlock: () => Promise<void>;

  private constructor(path: string, unlock: () => Promise<void>) {
    this.path = path;
    this.#unlock = unlock;
  }

  /**
   * Takes a folder for a run: a new or empty one, or one with a run whose finished stages are all among those of the
   * plan or apart from them, which is then gone on with.
   *
   * @param recipe text of the resolved recipe
   * @throws VesaliusError `run-in-progress`; `bad-configuration` where the folder holds something else, or a finished
   * stage of other settings or data; `output-not-writable`, `disk-full`
   */
  static async open(path: string, recipe: string, stages: readonly Stage[]): Promise<RunFolder> {
    await mkdir(path, { recursive: true }).catch((error: unknown) => {
      throw fileError(error, path);
    });
    const unlock = await lockFolder(path);
    const folder = new RunFolder(path, unlock);
    try {
      await removeTorn(path);
      const others = (await readdir(path)).filter((name) => !name.startsWith("run.lock"));
      if (others.length > 0 && !others.includes("recipe.yaml"))
        throw occupied(path, "the folder is not empty and holds no run");
      for (const stage of stages) await folder.#admit(stage);
      await folder.write("recipe.yaml", recipe);
      return folder;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** Refuses to write over what a run with other settings or data left. */
  async #admit({ name, key, decides }: Stage): Promise<void> {
    const record = await this.readStage(name);
    if (record === undefined || record.key === key) return;
    const changed = differences(record.decides, decides);
    throw occupied(this.path, `the folder holds a finished ${name} with another ${changed.join(", ")}`);
  }

  /** Gives the folder back. */
  async close(): Promise<void> {
    await this.#unlock();
  }

  file(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  /** Writes a text or bytes whole or not at all. */
  async write(name: string, content: string | Uint8Array): Promise<void> {
    await writeFileAtomic(this.file(name), content);
  }

  async writeJson(name: string, value: unknown): Promise<void> {
    await this.write(name, json(value));
  }

  /** Removes what is no longer needed. */
  async clear(name: string): Promise<void> {
    await rm(this.file(name), { recursive: true, force: true });
  }

  readJson<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema> | undefined> {
    return readJsonIfThere(this.file(name), schema);
  }

  /** Record of a finished stage. */
  readStage(name: string): Promise<StageRecord | undefined> {
    return this.readJson(`stages/${name}.json`, stageRecordSchema);
  }

  /** Record of a stage that was finished with exactly this key and whose files are there. */
  async finished({ name, key, folder }: Stage): Promise<StageRecord | undefined> {
    const record = await this.readStage(name);
    return record?.key === key && (await filesAreThere(this.file(folder), record)) ? record : undefined;
  }

  /** Declares a stage finished; from now on its files are read back and never made again. */
  async finish(stage: Stage, record: StageRecord): Promise<void> {
    await this.writeJson(`stages/${stage.name}.json`, record);
    await this.clear(`${underWay(stage)}.safetensors`);
    await this.clear(`${underWay(stage)}.cost.json`);
  }

  /** Where a stage under way keeps its state. */
  checkpoints(stage: Stage): CheckpointStore {
    return checkpointFile(this.file(`${underWay(stage)}.safetensors`));
  }

  /** What earlier sessions of an unfinished stage took, up to its checkpoint. */
  readCost(stage: Stage): Promise<Cost | undefined> {
    return this.readJson(`${underWay(stage)}.cost.json`, costSchema);
  }

  async writeCost(stage: Stage, cost: Cost): Promise<void> {
    await this.writeJson(`${underWay(stage)}.cost.json`, cost);
  }
}

/** Names the state of a stage under way by its key too: with other settings it begins anew. */
const underWay = ({ name, key }: Stage): string => `checkpoints/${name}-${key.slice(0, 12)}`;

const occupied = (path: string, what: string): VesaliusError =>
  new VesaliusError("bad-configuration", what, { where: path, fix: "choose another folder with --out" });
