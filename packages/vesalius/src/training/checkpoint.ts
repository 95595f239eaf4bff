import type { Tensors } from "../graph/index.ts";
import type { PendingLosses, TrainingRecord, TrainingTime } from "./records.ts";

export type { PendingLosses, TrainingRecord, TrainingTime } from "./records.ts";

/** Everything that a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Steps that are done. */
  readonly step: number;
  /** Weights, optimizer state and averages by name. */
  readonly state: Tensors;
  /** Best weights so far, where the run keeps them. */
  readonly best: { readonly step: number; readonly score: number; readonly weights: Tensors } | undefined;
  /** Evaluations since the last improvement. */
  readonly stale: number;
  /** Losses since the last record, so that a resumed run averages over the same steps. */
  readonly pending: PendingLosses;
  /** What was recorded so far. */
  readonly history: readonly TrainingRecord[];
  /** Where the time went so far, over all sessions. */
  readonly time: TrainingTime;
  /** Identifies the run; a checkpoint of another one is refused. */
  readonly fingerprint: string;
}

/** Where checkpoints are kept. A save replaces the one before, and either succeeds wholly or changes nothing. */
export interface CheckpointStore {
  load(): Promise<Checkpoint | undefined>;
  save(checkpoint: Checkpoint): Promise<void>;
}
