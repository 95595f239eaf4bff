import type { Batch, FeedPlan } from "../feeds.ts";
import type { Bucket } from "./buckets.ts";
import type { FedSplit } from "./batch-maker.ts";
import type { PortableError } from "../../common/portable-error.ts";

/** What a thread is started with. */
export interface BatchWork {
  readonly split: FedSplit;
  readonly plan: Pick<FeedPlan, "parts" | "together" | "seed">;
  readonly buckets: readonly Bucket[];
}

/** What the caller's thread asks of a worker. */
export interface BatchRequest {
  readonly step: number;
  readonly rows: Int32Array;
  /** Index in `BatchWork.buckets`. */
  readonly bucket: number;
}

/** What a worker answers. */
export type BatchAnswer =
  | { readonly step: number; readonly batch: Batch }
  | { readonly step: number; readonly error: PortableError };
