import type { Split } from "../split.ts";

/** Rows of one step. */
export interface StepRows {
  /** Positions in the split, at most as many as the bucket has rows (times the slots of an episode). */
  readonly rows: Int32Array;
  /** Index of the bucket whose shapes the batch has. */
  readonly bucket: number;
}

/** Which examples make up which step. */
export interface BatchOrder {
  readonly stepsPerEpoch: number;
  /** Number of steps after which there are no more batches; infinite in training. */
  readonly steps: number;
  /** @throws VesaliusError `bad-argument` for a step that is no whole number in [0, steps) */
  at(step: number): StepRows;
}

/** What a sampler orders. */
export interface SamplingContext {
  readonly split: Split;
  readonly seed: number;
  /** Rows of a batch of each bucket, smallest extents first. */
  readonly rows: readonly number[];
  /** Smallest bucket that each example fits in, `[length]`; undefined where there is one bucket. */
  readonly bucketOf: Int32Array | undefined;
}

/** Orders the examples of a split: shuffled, weighted, one pass, in episodes. */
export interface Sampler {
  order(context: SamplingContext): BatchOrder;
}
