import type { Split } from "../data/index.ts";
import type { PlanOptions } from "../tasks/index.ts";
import type { RunOptions, TrainingEvaluation, TrainingInput, TrainingSettings } from "../training/index.ts";
import type { BaseFormat } from "./fine-tuning/quantized-base.ts";
import type { AdaptationMethod } from "./method.ts";

/** Options of `adapt`. What is left out comes from the method's defaults. */
export interface AdaptOptions
  extends Omit<RunOptions, "recomputation">, TrainingInput, Omit<PlanOptions, "batchSize" | "seed"> {
  readonly method: AdaptationMethod;
  readonly data: Split;
  /** How what the method freezes is stored while the rest is trained (see `storeBase`); float32 by default. */
  readonly base?: BaseFormat;
  /** Worker threads that prepare batches. */
  readonly workers?: number;
  readonly evaluation?: TrainingEvaluation;
}

/** What every way of adapting is told. */
export interface Adaptation extends AdaptOptions {
  readonly seed: number;
  readonly settings: TrainingSettings;
}
