import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { type OptionWording, VesaliusError } from "../../common/errors.ts";
import { changedFile, isIntact, sealed } from "../../common/checksums.ts";
import { checksumOfFile } from "../../common/checksum-of-file.node.ts";
import { makeFolder, readError, writeFileAtomic } from "../../common/files.node.ts";
import { type CheckpointStore, checkpointFile } from "../../training/index.node.ts";
import { type Sessions, sessionsSchema, type StageRecord, stageRecordSchema } from "../stages/records.ts";
import type { Stage } from "../stages/stage.ts";
import { differences } from "./differences.ts";
import type { Environment } from "./environment.ts";
import { occupied, refuseForeign, removeTorn } from "./folder-contents.node.ts";
import { lockFolder } from "./lock.node.ts";
import { parseJson } from "../../common/parse-json.ts";

/** Text of a file; undefined where there is none. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw readError(error, path);
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
    json = parseJson(text);
  } catch {
    json = undefined;
  }
  const repeat = (option: OptionWording): string =>
    `delete it to repeat what it stands for, or choose another folder with ${option("out")}`;
  if (isIntact(json) === false) throw changedFile(path, repeat);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new VesaliusError("bad-file", "the file was not written by a run of this version", {
    where: path,
    fix: repeat,
    cause: parsed.error,
  });
}

/** Whether a stage's files lie in a folder as the record says: their sizes, and their checksums where it knows them. */
export async function filesAreWhole(
  folder: string,
  { files, checksums }: Pick<StageRecord, "files" | "checksums">,
): Promise<boolean> {
  for (const [name, size] of Object.entries(files)) {
    const info = await stat(join(folder, name)).catch(() => undefined);
    if (info?.size !== size) return false;
    const checksum = checksums?.[name];
    if (checksum === undefined) continue;
    // A folder that several runs share may be moved away while it is read.
    if ((await checksumOfFile(join(folder, name)).catch(() => undefined)) !== checksum) return false;
  }
  return true;
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
  #unlock: () => Promise<void> = () => Promise.resolve();
  #lost = false;
  /** Records whose files were found whole: that is looked at once. */
  readonly #whole = new Map<string, StageRecord>();
  readonly #damaged = new Set<string>();

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Takes a folder for a run: a new or empty one, or one with a run whose finished stages are all among those of the
   * plan or apart from them, which is then gone on with. A folder that holds something else is left as it was.
   *
   * @param recipe text of the resolved recipe
   * @param environment what this session runs on; its file also tells a run's folder from others
   * @throws VesaliusError `run-in-progress`; `bad-configuration` where the folder holds something else, or a finished
   * stage of other settings or data; `output-not-writable`, `disk-full`
   */
  static async open(
    path: string,
    { recipe, environment }: { readonly recipe: string; readonly environment: Environment },
    stages: readonly Stage[],
  ): Promise<RunFolder> {
    await makeFolder(path);
    await refuseForeign(path);
    const folder = new RunFolder(path);
    folder.#unlock = await lockFolder(path, () => (folder.#lost = true));
    try {
      // Once more, now that nobody else writes here.
      await refuseForeign(path);
      await removeTorn(path);
      for (const stage of stages) await folder.#admit(stage);
      await folder.writeJson("environment.json", environment);
      await folder.write("recipe.yaml", recipe);
      return folder;
    } catch (error) {
      await folder.close();
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
    this.#requireLock();
    await writeFileAtomic(this.file(name), content);
  }

  /** @throws VesaliusError `run-in-progress` once another run has taken the folder over */
  #requireLock(): void {
    if (!this.#lost) return;
    throw new VesaliusError("run-in-progress", "another run has taken this folder over, because this one stood still", {
      where: this.path,
      fix: "wait until the other run ends; what it finds is what this one would have found",
    });
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

  /** Record of a stage that was finished with exactly this key and whose files are there as they were written. */
  async finished({ name, key, folder }: Stage): Promise<StageRecord | undefined> {
    const known = this.#whole.get(key);
    if (known !== undefined) return known;
    const record = await this.readStage(name);
    if (record?.key !== key) return undefined;
    if (await filesAreWhole(this.file(folder), record)) this.#whole.set(key, record);
    else this.#damaged.add(key);
    return this.#whole.get(key);
  }

  /** Whether `finished` found a stage whose files are missing or not as they were written. */
  isDamaged({ key }: Stage): boolean {
    return this.#damaged.has(key);
  }

  /** Declares a stage finished; from now on its files are read back and never made again. */
  async finish(stage: Stage, record: StageRecord): Promise<void> {
    // Parsed, so that the same record gives the same text wherever it comes from.
    await this.writeJson(`stages/${stage.name}.json`, sealed(stageRecordSchema.parse(record)));
    await this.clear(`${underWay(stage)}.safetensors`);
    await this.clear(`${underWay(stage)}.cost.json`);
  }

  /** Where a stage under way keeps its state. */
  checkpoints(stage: Stage): CheckpointStore {
    const file = checkpointFile(this.file(`${underWay(stage)}.safetensors`));
    return {
      load: () => file.load(),
      save: async (checkpoint) => {
        this.#requireLock();
        await file.save(checkpoint);
      },
    };
  }

  /** What earlier sessions of an unfinished stage took, up to its checkpoint. */
  readSessions(stage: Stage): Promise<Sessions | undefined> {
    return this.readJson(`${underWay(stage)}.cost.json`, sessionsSchema);
  }

  async writeSessions(stage: Stage, sessions: Sessions): Promise<void> {
    await this.writeJson(`${underWay(stage)}.cost.json`, sessions);
  }
}

/** Names the state of a stage under way by its key too: with other settings it begins anew. */
const underWay = ({ name, key }: Stage): string => `checkpoints/${name}-${key.slice(0, 12)}`;
