import { checksumOf } from "../../common/checksums.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { Backend } from "../../runtime/index.ts";
import type { CheckpointStore, RunOptions, TrainingRecord } from "../../training/index.ts";
import { addEnergy, type EnergyAssumptionsInput } from "../../trust/index.ts";
import { type EnergyMeter, energyMeter } from "../../trust/index.node.ts";
import type { MetricsFile } from "../folder/metrics-file.node.ts";
import type { RunFolder } from "../folder/run-folder.node.ts";
import type { SharedStages } from "../folder/shared-stages.node.ts";
import type { RunEvent } from "./events.ts";
import type { RecordOf, Sessions, StageKind, StageRecord } from "./records.ts";
import type { Stage, StageSession } from "./stage.ts";

/** What carrying out stages needs. */
export interface RunContext {
  readonly folder: RunFolder;
  /** Where runs share finished stages. */
  readonly shared: SharedStages | undefined;
  readonly backend: Backend;
  readonly metrics: MetricsFile;
  readonly energy: EnergyAssumptionsInput;
  /** Worker threads that prepare batches. */
  readonly workers: number;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal: AbortSignal | undefined;
  /** Threads of the engine in this session. */
  readonly threads: number;
}

/** Adds to an error the stage in which it came about. */
function inStage(error: unknown, stage: string): unknown {
  if (!(error instanceof VesaliusError)) return error;
  const { code, what, where, remedy, cause } = error;
  return new VesaliusError(code, `${stage}: ${what}`, {
    ...(where === undefined ? {} : { where }),
    ...(remedy === undefined ? {} : { fix: remedy }),
    cause: cause ?? error,
  });
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

/** Keeps the metrics and the sessions of a stage in step with its checkpoint. */
function trackedCheckpoints(
  { folder, metrics }: RunContext,
  stage: Stage,
  sessions: () => Promise<Sessions>,
): CheckpointStore {
  const store = folder.checkpoints(stage);
  return {
    load: () => store.load(),
    async save(checkpoint) {
      await metrics.flush();
      await store.save(checkpoint);
      await folder.writeSessions(stage, await sessions());
    },
  };
}

/** Adds this session to the earlier ones of a stage. */
function sessionCounter(
  earlier: Sessions | undefined,
  { meter, start, threads }: { readonly meter: EnergyMeter; readonly start: number; readonly threads: number },
): () => Promise<Sessions> {
  return async () => {
    const energy = await meter.read();
    if (earlier === undefined) return { seconds: secondsSince(start), energy, threads: [threads] };
    return {
      seconds: earlier.seconds + secondsSince(start),
      energy: addEnergy(earlier.energy, energy),
      threads: [...new Set([...(earlier.threads ?? []), threads])],
    };
  };
}

function optionsOf(context: RunContext, stage: Stage, sessions: () => Promise<Sessions>): RunOptions {
  const { backend, metrics, onEvent, signal } = context;
  const { name, key, unit } = stage;
  return {
    backend,
    checkpoints: trackedCheckpoints(context, stage, sessions),
    fingerprint: key,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (progress) => onEvent({ type: "progress", stage: name, unit, ...progress }),
    onRecord: (record: TrainingRecord) => {
      metrics.append({ stage: name, ...record });
      onEvent({ type: "record", stage: name, ...record });
    },
  };
}

/** Tells of evaluated examples as of steps. */
function evaluationProgress({ onEvent }: RunContext, { name, unit }: Stage): StageSession["evaluated"] {
  const began = performance.now();
  return (done, of) => {
    const perExample = secondsSince(began) / Math.max(1, done);
    const progress = { step: done, totalSteps: of, examplesPerSecond: 1 / perExample };
    onEvent({ type: "progress", stage: name, unit, ...progress, secondsLeft: (of - done) * perExample });
  };
}

async function carryOut(context: RunContext, stage: Stage): Promise<StageRecord> {
  const { folder, metrics, workers, threads } = context;
  const { name, key, decides } = stage;
  const start = performance.now();
  const meter = await energyMeter(context.energy);
  const sessions = sessionCounter(await folder.readSessions(stage), { meter, start, threads });
  const files: Record<string, number> = {};
  const checksums: Record<string, string> = {};
  try {
    const found = await stage.work({
      options: optionsOf(context, stage, sessions),
      workers,
      file: (path) => folder.file(path),
      evaluated: evaluationProgress(context, stage),
      async write(file, content) {
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        await folder.write(`${stage.folder}/${file}`, bytes);
        files[file] = bytes.length;
        checksums[file] = checksumOf(bytes);
      },
    });
    await metrics.flush();
    const { threads: worked, ...cost } = await sessions();
    const made = { kind: stage.kind, stage: name, key, decides, files, checksums, threads: worked, cost };
    return { ...found, ...made } as StageRecord;
  } catch (error) {
    await metrics.flush().catch(() => {});
    throw inStage(error, name);
  } finally {
    meter.stop();
  }
}

/**
 * Carries out a stage, or takes what an earlier session or another run left of it.
 *
 * @param number position among all stages, from 1
 * @throws VesaliusError what the stage's work throws, with the stage's name in front; the last checkpoint is kept
 */
export async function runStage<Kind extends StageKind>(
  context: RunContext,
  stage: Stage<Kind>,
  { number, stages }: { readonly number: number; readonly stages: number },
): Promise<RecordOf<Kind>> {
  const { folder, shared, onEvent, metrics } = context;
  const { name } = stage;
  onEvent({ type: "stageStarted", stage: name, number, stages });
  const finish = (record: StageRecord, from: "now" | "run" | "shared"): RecordOf<Kind> => {
    onEvent({ type: "stageFinished", stage: name, seconds: record.cost.seconds, from });
    // Records are found under the stage's key, which its kind is part of.
    return record as RecordOf<Kind>;
  };
  const earlier = await folder.finished(stage);
  if (earlier !== undefined) return finish(earlier, "run");
  if (folder.isDamaged(stage)) onEvent({ type: "stageDamaged", stage: name });
  const fetched = await shared?.fetch(stage, folder.file(stage.folder));
  if (fetched !== undefined) {
    if ("history" in fetched) metrics.appendHistory(name, fetched.history);
    await metrics.flush();
    await folder.finish(stage, fetched);
    return finish(fetched, "shared");
  }
  const record = await carryOut(context, stage);
  await shared?.publish(record, folder.file(stage.folder));
  await folder.finish(stage, record);
  return finish((await folder.readStage(name))!, "now");
}
