import type { Spec } from "../common/catalogue.ts";
import type { DataType, Tensors } from "../common/tensor.ts";

/** One part of what a graph is fed, as plain data. Its inputs are called `part.input`: `image.pixels`, `text.mask`. */
export interface Part {
  /** Columns that the encoder reads, in its order. */
  readonly columns: readonly string[];
  /** Random changes, left out at prediction. What is fixed (spacing, normalisation, tokenizer) belongs to the encoder. */
  readonly transforms?: readonly Spec[];
  /** Fitted: tokenizers trained, statistics computed. */
  readonly encoder: Spec;
  /** What is to be predicted: not fed at prediction. */
  readonly target?: boolean;
  /** Whether a value may be missing: then there is an input `present`, `[rows]`, and what is missing is fed as zeros. */
  readonly optional?: boolean;
  /** Part whose extent this one has: labels of the tokens of a text are as many as its tokens. */
  readonly extentOf?: string;
  /** Of the examples that a sampler puts in one row (an episode), those that this part takes, `[from, to)`. */
  readonly slots?: readonly [from: number, to: number];
}

/** How examples become the inputs of a graph. */
export interface Feeds {
  readonly parts: Readonly<Record<string, Part>>;
  /**
   * Parts at prediction, where they are others than those that are no target: a prompt in place of a prompt with its
   * answer.
   */
  readonly prediction?: Readonly<Record<string, Part>>;
  /** Random changes that are drawn once for an example and done to all its parts: crops, flips, dropped modalities. */
  readonly together?: readonly Spec[];
  readonly sampler?: Spec;
}

/** Everything that determines the batches of a split, as plain data: it crosses to threads, stands in records, is hashed. */
export interface FeedPlan extends Feeds {
  readonly sampler: Spec;
  /** Rows of a batch at the largest extents; smaller buckets hold as many more as fill the same area. */
  readonly rows: number;
  /** For parts that vary in length, the extents that batches may have, ascending. */
  readonly extents: Readonly<Record<string, readonly number[]>>;
  readonly seed: number;
}

/** Type of one input of a graph. */
export interface InputType {
  readonly dtype: Extract<DataType, "float32" | "int32">;
  readonly shape: readonly number[];
}

/** Inputs by their full names, `part.input`. */
export type InputTypes = Readonly<Record<string, InputType>>;

/** Sums over a split of what encoders tell of each example, by part. */
export type FeedCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Sums over two sets of examples. */
export function addCounts(a: FeedCounts, b: FeedCounts): FeedCounts {
  const sums = (part: string): Readonly<Record<string, number>> => {
    const [one = {}, other = {}] = [a[part], b[part]];
    return Object.fromEntries(
      [...new Set([...Object.keys(one), ...Object.keys(other)])].map((what) => [
        what,
        (one[what] ?? 0) + (other[what] ?? 0),
      ]),
    );
  };
  return Object.fromEntries([...new Set([...Object.keys(a), ...Object.keys(b)])].map((part) => [part, sums(part)]));
}

/** One batch, ready for a graph with fixed shapes. */
export interface Batch {
  /** Which of the plan's shapes it has; see {@link Batches.inputs}. */
  readonly bucket: string;
  /** Inputs by their full names. */
  readonly feeds: Tensors;
  /** `[rows]` positions in the split; -1 in padding rows, which repeat the last real one. */
  readonly rows: Int32Array;
  /** Number of real rows. */
  readonly size: number;
}

/** How long callers have waited for batches: near zero where preparing them keeps up with using them. */
export interface WaitStatistics {
  /** Batches handed out. */
  readonly batches: number;
  /** Seconds between asking for them and having them, together. */
  readonly seconds: number;
}

/**
 * Batches by step number. The same step always gives the same batch, so a resumed run needs no loader state: epoch and
 * order inside it follow from the step, the plan's seed and nothing else.
 */
export interface Batches {
  readonly stepsPerEpoch: number;
  /** Steps after which there are no more batches; infinite in training. */
  readonly steps: number;
  /** By part, what its encoder tells of the whole split: texts that were cut, marked pieces without a token. */
  readonly counts: FeedCounts;
  /** Names of the shapes that batches have, largest last. */
  readonly buckets: readonly string[];
  /** Inputs of a bucket's batches. */
  inputs(bucket: string): InputTypes;
  /** Rows of a bucket's batches. */
  rows(bucket: string): number;
  /** Batch of a step, prepared ahead off the caller's thread where the platform allows. */
  batch(step: number): Promise<Batch>;
  readonly wait: WaitStatistics;
  /** Stops worker threads; the object cannot be used afterwards. */
  close(): Promise<void>;
}
