import type { Recomputation } from "../graph/index.ts";
import type { Backend } from "../runtime/index.ts";
import type { CheckpointStore, TrainingRecord } from "./checkpoint.ts";
import type { TrainingProgress } from "./train-options.ts";

/** Options that every kind of training shares. */
export interface RunOptions {
  /** The platform's own where it is left out: ONNX Runtime on the CPU in Node. */
  readonly backend?: Backend;
  readonly threads?: number;
  readonly seed?: number;
  /** Compute activations again during the backward pass in place of keeping them; see `StepOptions`. */
  readonly recomputation?: Recomputation;
  readonly checkpoints?: CheckpointStore;
  /** Steps between checkpoints; a twentieth of the run by default. */
  readonly checkpointEvery?: number;
  /** Steps between records; a hundredth of the run by default. */
  readonly recordEvery?: number;
  readonly fingerprint?: string;
  readonly onProgress?: (progress: TrainingProgress) => void;
  readonly onRecord?: (record: TrainingRecord) => void;
  readonly signal?: AbortSignal;
}
