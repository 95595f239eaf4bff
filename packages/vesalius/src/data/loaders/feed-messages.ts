import type { Batch, FeedPlan } from "../feeds.ts";
import type { Bucket } from "./buckets.ts";
import type { FedSplit } from "./feed-maker.ts";
import type { SerialisedError } from "./worker-messages.ts";

/** What a thread is started with. */
export interface FeedWork {
  readonly split: FedSplit;
  readonly plan: Pick<FeedPlan, "parts" | "together" | "seed">;
  readonly buckets: readonly Bucket[];
}

/** What the caller's thread asks of a worker. */
export interface FeedRequest {
  readonly step: number;
  readonly rows: Int32Array;
  /** Index in `FeedWork.buckets`. */
  readonly bucket: number;
}

/** What a worker answers. */
export type FeedAnswer =
  | { readonly step: number; readonly batch: Batch }
  | { readonly step: number; readonly error: SerialisedError };
