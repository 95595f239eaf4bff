import type { Tensors } from "../graph/index.ts";
import type { Backend } from "../runtime/index.ts";
import type { CheckpointStore, TrainingRecord, TrainingTime } from "./checkpoint.ts";
import type { ScheduleInput } from "./schedules.ts";
import type { StepOptions } from "./step-graph.ts";

/** What a caller sees while a run goes on. */
export interface TrainingProgress {
  readonly step: number;
  readonly totalSteps: number;
  /** Loss of the last step. */
  readonly loss: number;
  readonly learningRate: number;
  readonly examplesPerSecond: number;
  readonly secondsLeft: number;
}

/** Evaluation during training. */
export interface TrainingEvaluation {
  readonly everySteps: number;
  /** Scores the current weights (their moving average, where one is kept). */
  readonly score: (weights: Tensors) => Promise<number>;
  readonly better: "higher" | "lower";
  /** Stop after this many evaluations without improvement; never where it is left out. */
  readonly patience?: number;
  /** Return the best weights instead of the last ones. */
  readonly keepBest?: boolean;
}

/** Options of `train`. */
export interface TrainOptions extends StepOptions {
  readonly backend: Backend;
  readonly threads?: number;
  readonly totalSteps: number;
  readonly learningRate: number;
  readonly schedule?: ScheduleInput;
  readonly seed: number;
  /** Examples in one micro-batch, for the rate that is shown. */
  readonly batchSize: number;
  /** Inputs of a micro-batch where a single graph is trained; the same number always gives the same batch. */
  readonly batch?: (microStep: number) => Promise<Tensors>;
  /** Decay of the moving average of the weights; no average where it is left out. */
  readonly emaDecay?: number;
  readonly evaluation?: TrainingEvaluation;
  readonly checkpoints?: CheckpointStore;
  /** Steps between checkpoints; a twentieth of the run by default. */
  readonly checkpointEvery?: number;
  /** Steps between records; a hundredth of the run by default. */
  readonly recordEvery?: number;
  /** Identifies data and settings, so that a run is not continued with other ones. */
  readonly fingerprint?: string;
  readonly onRecord?: (record: TrainingRecord) => void;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Ends the run after the step that is under way; a checkpoint is saved first. */
  readonly signal?: AbortSignal;
}

/** What a run leaves. */
export interface TrainingResult {
  /** All parameters of the graph: trained ones as they ended (or their average, or the best), frozen ones as given. */
  readonly weights: Tensors;
  readonly history: readonly TrainingRecord[];
  readonly steps: number;
  readonly stoppedEarly: boolean;
  readonly best: { readonly step: number; readonly score: number } | undefined;
  readonly time: TrainingTime;
}
