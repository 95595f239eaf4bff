import { createHash } from "node:crypto";
import { VesaliusError } from "../../common/errors.ts";
import { tensorBytes } from "../../graph/index.ts";
import type { Backbone } from "../../models/index.ts";
import type { Backend } from "../../runtime/index.ts";
import type { CheckpointStore, RunOptions, TrainingRecord } from "../../training/index.ts";
import { addEnergy, type EnergyAssumptionsInput } from "../../trust/index.ts";
import { type EnergyMeter, energyMeter } from "../../trust/index.node.ts";
import type { ResolvedRecipe } from "../resolve.ts";
import type { RunData } from "./run-data.ts";
import type { RunEvent } from "./events.ts";
import type { MetricsFile } from "./metrics-file.node.ts";
import type { RunFolder } from "./run-folder.node.ts";
import type { Cost, StageRecord } from "./stage-record.ts";

/** What every stage of a run needs. */
export interface RunContext {
  readonly recipe: ResolvedRecipe;
  readonly folder: RunFolder;
  readonly data: RunData;
  readonly backend: Backend;
  readonly metrics: MetricsFile;
  readonly energy: EnergyAssumptionsInput;
  /** Worker threads that prepare batches. */
  readonly workers: number;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal: AbortSignal | undefined;
  /** All stages in the order in which they run. */
  readonly stages: readonly string[];
  /** See `fingerprintOf`. */
  readonly fingerprint: string;
}

/** Identifies recipe, data and starting weights, so that nothing of another run is continued or read back. */
export function fingerprintOf(recipe: ResolvedRecipe, data: RunData, start: Backbone): string {
  const hash = createHash("sha256").update(JSON.stringify(recipe)).update(data.digest);
  for (const [name, tensor] of start.weights ?? []) hash.update(name).update(tensorBytes(tensor));
  return hash.digest("hex").slice(0, 32);
}

type Undecorated<Record> = Record extends StageRecord ? Omit<Record, "stage" | "fingerprint" | "cost"> : never;

/** Adds to an error the stage in which it came about. */
function inStage(error: unknown, stage: string): unknown {
  if (!(error instanceof VesaliusError)) return error;
  const { code, what, where, fix, cause } = error;
  return new VesaliusError(code, `${stage}: ${what}`, {
    ...(where === undefined ? {} : { where }),
    ...(fix === undefined ? {} : { fix }),
    cause: cause ?? error,
  });
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

/** Keeps the metrics and the cost of a stage in step with its checkpoint. */
function trackedCheckpoints(context: RunContext, stage: string, cost: () => Promise<Cost>): CheckpointStore {
  const store = context.folder.checkpoints(stage);
  return {
    load: () => store.load(),
    async save(checkpoint) {
      await context.metrics.flush();
      await store.save(checkpoint);
      await context.folder.writeCost(stage, await cost());
    },
  };
}

function costCounter(earlier: Cost | undefined, meter: EnergyMeter, start: number): () => Promise<Cost> {
  return async () => {
    const energy = await meter.read();
    return earlier === undefined
      ? { seconds: secondsSince(start), energy }
      : { seconds: earlier.seconds + secondsSince(start), energy: addEnergy(earlier.energy, energy) };
  };
}

/**
 * Carries out a stage, or reads back what an earlier sitting left of it.
 *
 * @param work does the stage's work with the given training options, writes its files, and says what happened
 * @throws VesaliusError what `work` throws, with the stage's name in front; the last checkpoint is kept
 */
export async function runStage<Record extends StageRecord>(
  context: RunContext,
  stage: string,
  kind: Record["kind"],
  work: (options: RunOptions) => Promise<Undecorated<Record>>,
): Promise<Record> {
  const { folder, backend, metrics, onEvent, signal, stages, fingerprint } = context;
  onEvent({ type: "stageStarted", stage, number: stages.indexOf(stage) + 1, stages: stages.length });
  const finished = await folder.readStage(stage);
  if (finished !== undefined) {
    if (finished.fingerprint !== fingerprint || finished.kind !== kind)
      throw new VesaliusError("checkpoint-mismatch", `${stage} was finished with other data`, {
        where: folder.path,
        fix: "put the data back as they were, or choose another folder with --out",
      });
    onEvent({ type: "stageFinished", stage, seconds: finished.cost.seconds, earlier: true });
    return finished as Record;
  }
  const start = performance.now();
  const meter = await energyMeter(context.energy);
  const cost = costCounter(await folder.readCost(stage), meter, start);
  try {
    const done = await work({
      backend,
      checkpoints: trackedCheckpoints(context, stage, cost),
      fingerprint,
      ...(signal === undefined ? {} : { signal }),
      onProgress: (progress) => onEvent({ type: "progress", stage, ...progress }),
      onRecord: (record: TrainingRecord) => {
        metrics.append({ stage, ...record });
        onEvent({ type: "record", stage, ...record });
      },
    });
    await metrics.flush();
    const record = { stage, fingerprint, cost: await cost(), ...done } as unknown as Record;
    await folder.finishStage(record);
    onEvent({ type: "stageFinished", stage, seconds: record.cost.seconds, earlier: false });
    return (await folder.readStage(stage)) as Record;
  } catch (error) {
    await metrics.flush().catch(() => {});
    throw inStage(error, stage);
  } finally {
    meter.stop();
  }
}
