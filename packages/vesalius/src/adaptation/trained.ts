import type { FeedCounts } from "../data/index.ts";
import type { Graph, Tensors } from "../graph/index.ts";
import type { TrainingResult } from "../training/index.ts";
import type { AttachedAdapter } from "./attach.ts";

/** What a way of adapting leaves, before it becomes a model. */
export interface Trained {
  /** The task's graph without any adapter. */
  readonly base: Graph;
  /** Every parameter of the trained graph. */
  readonly weights: Tensors;
  readonly result: Omit<TrainingResult, "weights">;
  readonly attached: AttachedAdapter | undefined;
  /** Bytes of what was frozen, as it is and as it was stored. */
  readonly memory: { readonly before: number; readonly after: number } | undefined;
  /** Names of parameters that belong to the head or started new. */
  readonly heads: ReadonlySet<string>;
  /** What encoders tell of the examples that it was trained on. */
  readonly counts: FeedCounts;
  readonly trainedParameters: number;
  readonly parameters: number;
}
