import { VesaliusError } from "../../common/errors.ts";
import type { Batch, Batches, FeedCounts, FeedPlan, InputTypes, WaitStatistics } from "../feeds.ts";
import type { BatchOrder, StepRows } from "../samplers/sampler.ts";
import type { Split } from "../split.ts";
import { type Bucket, planBuckets } from "./buckets.ts";
import { builtInFeeds, type FeedCatalogues } from "./feed-catalogues.ts";
import { type BatchMaker, batchMaker } from "./batch-maker.ts";

/** How a plan is carried out. */
export interface BatchesOptions {
  /** Worker threads; 0 prepares batches on the caller's thread. Browsers always do. */
  readonly workers?: number;
  /** Batches prepared ahead of the one asked for. */
  readonly prefetch?: number;
  /** Where the names in the plan are looked up; with entries of a program's own, batches are made on its thread. */
  readonly catalogues?: FeedCatalogues;
}

/** A plan made ready: which rows each step has, in which shape. */
export interface OrderedBatches {
  readonly maker: BatchMaker;
  readonly buckets: readonly Bucket[];
  readonly order: BatchOrder;
  readonly counts: FeedCounts;
}

/** Error of batches that are asked for after they were closed. */
export const closedError = (): VesaliusError =>
  new VesaliusError("bad-argument", "the batches are closed", { fix: "make new ones" });

/** @throws VesaliusError `bad-argument` for an empty split; whatever `batchMaker` throws */
export async function orderBatches(
  split: Split,
  plan: FeedPlan,
  catalogues: FeedCatalogues = builtInFeeds,
): Promise<OrderedBatches> {
  if (split.length === 0)
    throw new VesaliusError("bad-argument", "a split without examples cannot be batched", { where: split.name });
  const maker = batchMaker(split, plan, catalogues);
  const { needed, counts } = await maker.survey(split.length);
  const { list, bucketOf } = planBuckets(plan, needed, maker.encoders);
  const sampler = catalogues.samplers.create(plan.sampler);
  const order = sampler.order({ split, seed: plan.seed, rows: list.map(({ rows }) => rows), bucketOf });
  return { maker, buckets: list, order, counts };
}

/** The parts of `Batches` that do not depend on who makes them. */
export function batchesOf(
  { maker, buckets, order, counts }: OrderedBatches,
  make: (step: number, rows: StepRows) => Promise<Batch>,
  close: () => Promise<void>,
): Batches {
  const named = new Map(buckets.map((bucket) => [bucket.name, bucket]));
  const find = (name: string): Bucket => {
    const bucket = named.get(name);
    if (bucket === undefined) throw new VesaliusError("bad-argument", `no batch has the shape ${name}`);
    return bucket;
  };
  let wait: WaitStatistics = { batches: 0, seconds: 0 };
  const types = new Map<string, InputTypes>();
  return {
    stepsPerEpoch: order.stepsPerEpoch,
    steps: order.steps,
    counts,
    buckets: buckets.map(({ name }) => name),
    inputs(name) {
      const known = types.get(name) ?? maker.inputs(find(name));
      types.set(name, known);
      return known;
    },
    rows: (name) => find(name).rows,
    get wait() {
      return wait;
    },
    async batch(step) {
      const start = performance.now();
      const batch = await make(step, order.at(step));
      wait = { batches: wait.batches + 1, seconds: wait.seconds + (performance.now() - start) / 1000 };
      return batch;
    },
    close,
  };
}

/** Batches made on the caller's thread. */
export function inThreadBatches(ordered: OrderedBatches): Batches {
  let closed = false;
  return batchesOf(
    ordered,
    (step, { rows, bucket }) =>
      closed ? Promise.reject(closedError()) : ordered.maker.make(step, rows, ordered.buckets[bucket]!),
    () => {
      closed = true;
      return Promise.resolve();
    },
  );
}

/**
 * Batches of a split by a plan. A step gives the same batch whenever and wherever it is asked for. This is the function
 * of browsers, on the caller's thread; the Node entry has the same with worker threads, and both give the same bits.
 *
 * @throws VesaliusError `bad-argument` for an empty split, `bad-data` for columns that the plan cannot read or values
 * that are missing, `bad-configuration` for names and settings that no catalogue holds
 */
export const batches = async (split: Split, plan: FeedPlan, options: BatchesOptions = {}): Promise<Batches> =>
  inThreadBatches(await orderBatches(split, plan, options.catalogues));
