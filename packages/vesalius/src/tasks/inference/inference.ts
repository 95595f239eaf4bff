import type { Batches, FeedCounts, FeedPlan, InputTypes, Split } from "../../data/index.ts";
import type { Graph, Tensors } from "../../graph/index.ts";
import type { Backbone } from "../../models/index.ts";
import type { Backend } from "../../runtime/index.ts";
import type { Result } from "../task.ts";
import type { KeptIndex } from "./kept-index.ts";

/** What a model is computed from. */
export interface RunnerModel {
  readonly backbone: Backbone;
  readonly weights: Tensors;
  readonly backend: Backend;
  /** A graph of the network with the adapter that stays on it, where there is one. */
  readonly adapted: (graph: Graph) => Graph;
  /** Something compiled that is made once, under a key, and freed together with the model's programs. */
  readonly held: <Held extends { release(): Promise<void> }>(key: string, make: () => Promise<Held>) => Promise<Held>;
}

/** Runs a model on batches. */
export interface Runner {
  /** Feeds of prediction: no transforms, no targets, one pass. */
  readonly plan: FeedPlan;
  /** Batches of a split by a plan; the runner's own by default. */
  batches(split: Split, plan?: FeedPlan): Promise<Batches>;
  /**
   * The task's answers for a batch, with the batch axis, by name. Each set of shapes is compiled once.
   *
   * @param types inputs of the batch, as `Batches.inputs` or an encoder says
   */
  run(types: InputTypes, rows: number, feeds: Tensors): Promise<Tensors>;
  /** The model itself, for an inference that runs other graphs of it than that of the task's answers. */
  readonly model: RunnerModel;
  /** What an inference keeps between calls for the same model, by what it was made from: an index by its table. */
  readonly kept: WeakMap<object, unknown>;
}

/** Options of running a model on a split. */
export interface InferenceOptions {
  readonly backend?: Backend;
  readonly signal?: AbortSignal;
  /** Called after each batch with the examples that are done. */
  readonly onProgress?: (done: number, of: number) => void;
  /**
   * Called with what encoders tell of examples before they are run: texts that were cut, values that are missing. Several
   * times where an inference reads several sets of examples (queries and a table).
   */
  readonly onCounts?: (counts: FeedCounts) => void;
}

/**
 * How a model is run on examples: one pass, sliding window, against an index of embeddings, by generation.
 * Results come in the order of the split.
 */
export interface Inference {
  readonly name: string;
  results(runner: Runner, split: Split, columns: readonly string[], options: InferenceOptions): AsyncIterable<Result>;
  /** What is searched for the examples of a split, as a saved model is to keep it; only where one is to be kept. */
  index?(runner: Runner, split: Split, options: InferenceOptions): Promise<KeptIndex>;
}
