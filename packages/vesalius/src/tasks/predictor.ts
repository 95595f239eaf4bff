import type { Split } from "../data/index.ts";
import type { InferenceOptions } from "./inference/inference.ts";
import type { Answered } from "./task.ts";

/** Whatever answers: a trained model, an ensemble, a prompted language model, and what `trust/` wraps around any of them. */
export interface Predictor<Answer = unknown> {
  /** Answers in the order of the split. */
  predict(split: Split, options?: InferenceOptions): AsyncIterable<Answered<Answer>>;
  /** Frees the engine's memory; the predictor can be used again afterwards. */
  release(): Promise<void>;
}
