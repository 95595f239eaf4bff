import type { Tensors } from "../graph/index.ts";

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
  readonly pending: { readonly lossSum: number; readonly count: number };
  /** What was recorded so far. */
  readonly history: readonly TrainingRecord[];
  /** Where the time went so far, over all sittings. */
  readonly time: TrainingTime;
  /** Identifies the run; a checkpoint of another one is refused. */
  readonly fingerprint: string;
}

/** Where the time of a run went, in seconds; sittings that were interrupted are counted up to their last checkpoint. */
export interface TrainingTime {
  readonly total: number;
  /** Inside the engine. */
  readonly engine: number;
  /** Waiting for batches. */
  readonly waiting: number;
  /** Evaluations and checkpoints. */
  readonly evaluation: number;
}

/** One line of a run's metrics. */
export interface TrainingRecord {
  /** Steps that are done, from 1. */
  readonly step: number;
  /** Mean loss since the last record. */
  readonly loss: number;
  readonly learningRate: number;
  /** Global norm of the last gradient before clipping. */
  readonly gradientNorm: number;
  /** Score of an evaluation at this step. */
  readonly score?: number;
}

/** Where checkpoints are kept. A save replaces the one before, and either succeeds wholly or changes nothing. */
export interface CheckpointStore {
  load(): Promise<Checkpoint | undefined>;
  save(checkpoint: Checkpoint): Promise<void>;
}
