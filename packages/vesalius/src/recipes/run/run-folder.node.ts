import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { fileError, writeFileAtomic } from "../../common/files.node.ts";
import { type CheckpointStore, checkpointFile } from "../../training/index.node.ts";
import { formatRecipe } from "../parse.ts";
import type { ResolvedRecipe } from "../resolve.ts";
import { lockFolder } from "./lock.node.ts";
import { type Cost, costSchema, type StageRecord, stageRecordSchema } from "./stage-record.ts";

/** Text of a file; undefined where there is none. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw fileError(error, path);
  }
}

/** A JSON file that was written by an earlier sitting; undefined where there is none. */
async function readJsonIfThere<Schema extends z.ZodType>(
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

/** Removes the temporary files that a killed process could not. */
async function removeTorn(path: string): Promise<void> {
  for (const name of await readdir(path, { recursive: true }))
    if (/\.[0-9a-f]{12}\.tmp$/.test(name) && !name.startsWith("run.lock")) await rm(join(path, name), { force: true });
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * The folder of one run, held under a lock:
 * `recipe.yaml`, `environment.json`, `metrics.jsonl`, `stages/` (records of finished stages), `checkpoints/` (of the
 * stage that is under way), `pretraining/`, `models/`, `report.json`, `report.html`, `summary.json`.
 */
export class RunFolder {
  readonly path: string;
  readonly #unlock: () => Promise<void>;

  private constructor(path: string, unlock: () => Promise<void>) {
    this.path = path;
    this.#unlock = unlock;
  }

  /**
   * Takes a folder for a run: a new or empty one, or that of the same recipe, which is then gone on with.
   *
   * @throws VesaliusError `run-in-progress`; `bad-configuration` where the folder holds something else;
   * `output-not-writable`, `disk-full`
   */
  static async open(path: string, recipe: ResolvedRecipe): Promise<RunFolder> {
    await mkdir(path, { recursive: true }).catch((error: unknown) => {
      throw fileError(error, path);
    });
    const unlock = await lockFolder(path);
    try {
      await removeTorn(path);
      const text = formatRecipe(recipe);
      const found = await readTextIfThere(join(path, "recipe.yaml"));
      if (found === undefined) {
        const others = (await readdir(path)).filter((name) => !name.startsWith("run.lock"));
        if (others.length > 0) throw occupied(path, "the folder is not empty and holds no run");
        await writeFileAtomic(join(path, "recipe.yaml"), text);
      } else if (found !== text) throw occupied(path, "the folder holds a run of another recipe");
      return new RunFolder(path, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
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

  /** Record of a stage that an earlier sitting finished. */
  readStage(stage: string): Promise<StageRecord | undefined> {
    return this.readJson(`stages/${stage}.json`, stageRecordSchema);
  }

  /** Declares a stage finished; from now on its files are read back and never made again. */
  async finishStage(record: StageRecord): Promise<void> {
    await this.writeJson(`stages/${record.stage}.json`, record);
    await this.clear(`checkpoints/${record.stage}.safetensors`);
    await this.clear(`checkpoints/${record.stage}.cost.json`);
  }

  /** Where a stage under way keeps its state. */
  checkpoints(stage: string): CheckpointStore {
    return checkpointFile(this.file("checkpoints", `${stage}.safetensors`));
  }

  /** What earlier sittings of an unfinished stage took, up to its checkpoint. */
  readCost(stage: string): Promise<Cost | undefined> {
    return this.readJson(`checkpoints/${stage}.cost.json`, costSchema);
  }

  async writeCost(stage: string, cost: Cost): Promise<void> {
    await this.writeJson(`checkpoints/${stage}.cost.json`, cost);
  }
}

const occupied = (path: string, what: string): VesaliusError =>
  new VesaliusError("bad-configuration", what, { where: path, fix: "choose another folder with --out" });
