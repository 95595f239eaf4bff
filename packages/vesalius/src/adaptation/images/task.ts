import type { Tensors, Value } from "../../graph/index.ts";
import type { Backbone, Preprocessing } from "../../models/index.ts";
import type { TrainingResult } from "../../training/index.ts";
import type { AdapterConfig } from "../adapter.ts";
import type { TrainedAdapter } from "../attach.ts";

/** What adaptation hands to a task, which makes a model of it. */
export interface Adapted {
  readonly backbone: Backbone & { readonly preprocessing: Preprocessing };
  /** Every parameter of the model's graph: the plain one, adapters merged, or that with `attached`. */
  readonly weights: Tensors;
  /** An adapter that cannot be merged, which the plain graph needs (`applyAdapter`); undefined for all others. */
  readonly attached: AdapterConfig | undefined;
  readonly adapter: TrainedAdapter | undefined;
  readonly training: AdaptationRecord;
}

/** How a model came about. */
export interface AdaptationRecord {
  readonly method: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly examples: number;
  readonly seed: number;
  /** Trained and all parameters of the model, adapters counted in. */
  readonly trainedParameters: number;
  readonly parameters: number;
  readonly result: Omit<TrainingResult, "weights">;
}

/** What a model is adapted to: a head, a loss and the model that results. */
export interface Task<Model> {
  readonly name: string;
  /** Adds the head; returns its raw output. Its parameters start new. */
  head(pooled: Value): Value;
  /** Adds the loss of a batch: class numbers `[batch]`, int32. */
  loss(output: Value, labels: Value): Value;
  /** Checks that labels fit the task, before any time is spent. */
  check(labels: Int32Array | undefined, ids: readonly string[]): void;
  /** Makes the model. */
  model(adapted: Adapted): Model;
}
