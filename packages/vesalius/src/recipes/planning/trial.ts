import { platform } from "#platform";
import { adapt, scratch } from "../../adaptation/index.ts";
import type { FeedCatalogues, Split } from "../../data/index.ts";
import { elementCount } from "../../graph/index.ts";
import type { Backbone } from "../../models/index.ts";
import type { Backend } from "../../runtime/index.ts";
import { prepare, type Task, trainingGraph, trainingPlan } from "../../tasks/index.ts";

/** What a few steps of training show of a network on some data. */
export interface Trial {
  readonly parameters: number;
  /** Memory of the values of one step, for each example, as if none were freed. */
  readonly bytesPerExample: number;
  readonly secondsPerStep: number;
}

/** Options of {@link tryOut}. */
export interface TrialOptions {
  readonly batchSize: number;
  readonly backend: Backend;
  readonly catalogues?: FeedCatalogues | undefined;
}

const steps = 4;

/** Bytes of all values of a training step's forward pass, for each example. */
async function bytesPerExample(backbone: Backbone, task: Task, sample: Split, options: TrialOptions): Promise<number> {
  const { batchSize, catalogues } = options;
  const known = catalogues === undefined ? {} : { catalogues };
  const prepared = await prepare(backbone, sample, catalogues === undefined ? {} : { encoders: catalogues.encoders });
  const plan = trainingPlan(task.feeds(prepared), sample, { batchSize, seed: 0, ...known });
  const batches = await platform.batches(sample, plan, { workers: 0, ...known });
  try {
    const bucket = batches.buckets.at(-1)!;
    const rows = batches.rows(bucket);
    const { graph } = trainingGraph(prepared, task, batches.inputs(bucket), rows);
    const values = graph.nodes.flatMap(({ outputs }) => outputs);
    // Values of the forward pass are kept for the backward one.
    return (4 * values.reduce((sum, { shape }) => sum + elementCount(shape), 0)) / rows;
  } finally {
    await batches.close();
  }
}

/**
 * Trains a network on a sample for a few steps, which shows whether it goes with the task and the data at all, and what a
 * step takes on this machine.
 *
 * @throws VesaliusError where network, task and data do not go together
 */
export async function tryOut(backbone: Backbone, task: Task, sample: Split, options: TrialOptions): Promise<Trial> {
  const { batchSize, backend, catalogues } = options;
  const bytes = await bytesPerExample(backbone, task, sample, options);
  const model = await adapt(backbone, task, {
    method: scratch(),
    data: sample,
    steps,
    batchSize,
    backend,
    workers: 0,
    ...(catalogues === undefined ? {} : { catalogues }),
  });
  const { parameters, result } = model.training!;
  await model.release();
  return { parameters, bytesPerExample: bytes, secondsPerStep: result.time.engine / steps };
}
