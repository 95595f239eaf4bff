import { platform } from "#platform";
import type { Spec } from "../common/catalogue.ts";
import { VesaliusError } from "../common/errors.ts";
import type { FeedCounts, FeedPlan, Reading, Split } from "../data/index.ts";
import { type Graph, type GraphBounds, type Tensor, type Tensors, toOnnx } from "../graph/index.ts";
import type { Backbone, Preparation } from "../models/index.ts";
import { type Backend, Program, SessionCache } from "../runtime/index.ts";
import type { TrainingResult } from "../training/index.ts";
import { exportGraph } from "./export-graph.ts";
import { feedsOf } from "./feed-graph.ts";
import type { InferenceOptions, Runner, RunnerModel } from "./inference/inference.ts";
import type { KeptIndex } from "./inference/kept-index.ts";
import { encodeModel } from "./model-files.ts";
import { predictionPlan } from "./plan.ts";
import type { Predictor } from "./predictor.ts";
import { answerGraph } from "./task-graph.ts";
import type { Answered, Result, Task } from "./task.ts";

/** How a model came about. */
export interface AdaptationRecord {
  readonly method: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly examples: number;
  readonly seed: number;
  /** What encoders tell of the examples: tokens, texts that were cut. */
  readonly counts: FeedCounts;
  /** Trained and all parameters of the model, adapters counted in. */
  readonly trainedParameters: number;
  readonly parameters: number;
  readonly result: Omit<TrainingResult, "weights">;
}

/** An adapter that could not be merged into the weights and stays on the graph. */
export interface AttachedToGraph {
  /** Plain data that make it again. */
  readonly config: Spec | Readonly<Record<string, unknown>>;
  apply(graph: Graph): Graph;
}

/** What a model consists of. */
export interface ModelParts<Answer = unknown> {
  readonly task: Task<unknown, Answer>;
  readonly backbone: Backbone & { readonly preparation: Preparation };
  /** Every parameter of backbone and head, adapters merged, and of the adapter that is attached. */
  readonly weights: Tensors;
  /** What the task fitted after training. */
  readonly fitted?: Tensors;
  readonly attached?: AttachedToGraph | undefined;
  /** Further files of the saved folder by name: the adapter alone, in PEFT's format. */
  readonly files?: ReadonlyMap<string, string | Uint8Array>;
  /** What it searches, where it keeps that. */
  readonly searched?: KeptIndex | undefined;
  /** How its examples were read, where that is known. */
  readonly reading?: Reading | undefined;
  /** Undefined for a model that was loaded without its history. */
  readonly training?: AdaptationRecord | undefined;
  /** False where the files that it was read from had no checksums, so that damage would not have been noticed. */
  readonly checked?: boolean;
}

/** What a task fitted that is as short as a threshold; tables are in the saved folder. */
const smallFitted = (fitted: Tensors): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(
    [...fitted].flatMap(([name, { data }]) => (data.length > 16 ? [] : [[name, Array.from(data, Number)] as const])),
  );

/**
 * Refuses outputs that are no numbers: an answer that is made of them would look like any other.
 *
 * @throws VesaliusError `not-a-number`
 */
function requireFinite(name: string, { data }: Tensor): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array) || data.every(Number.isFinite)) return;
  throw new VesaliusError("not-a-number", "the network answers with values that are not finite", {
    where: `output ${name}`,
    fix: "check the input for extreme values; if it has none, the weights or statistics of the model are damaged",
  });
}

/** Something compiled that can be freed. */
interface Releasable {
  release(): Promise<void>;
}

/** Rows of a batch at prediction. */
const predictionRows = 64;

/** A network that was adapted to a task: answers, and saves itself in the files of the field. */
export class Model<Answer = unknown> implements Predictor<Answer> {
  readonly task: ModelParts<Answer>["task"];
  readonly backbone: ModelParts["backbone"];
  readonly weights: Tensors;
  readonly fitted: Tensors;
  readonly attached: AttachedToGraph | undefined;
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  readonly training: AdaptationRecord | undefined;
  readonly reading: Reading | undefined;
  /** False for one that was read from files without checksums: of an earlier version. */
  readonly checked: boolean;
  readonly #programs = new SessionCache<Releasable>();
  readonly #kept = new WeakMap<object, unknown>();
  #searched: KeptIndex | undefined;

  constructor(parts: ModelParts<Answer>) {
    this.task = parts.task;
    this.backbone = parts.backbone;
    this.weights = parts.weights;
    this.fitted = parts.fitted ?? new Map();
    this.attached = parts.attached;
    this.files = parts.files ?? new Map();
    this.training = parts.training;
    this.reading = parts.reading;
    this.#keep(parts.searched);
    this.checked = parts.checked ?? true;
  }

  /** What it searches for an answer where a query comes without it; undefined where the model keeps nothing. */
  get searched(): KeptIndex | undefined {
    return this.#searched;
  }

  #keep(searched: KeptIndex | undefined): void {
    this.#searched = searched;
    if (searched !== undefined) this.#kept.set(searched.table, searched);
  }

  /**
   * Makes an index of what the examples of a split are answered from, and keeps it with the model where the task says so
   * (`keepIndex`); models that search nothing stay as they are.
   *
   * @throws VesaliusError `bad-data` for a split without a table
   */
  async keepIndex(split: Split, options: InferenceOptions = {}): Promise<void> {
    const { inference } = this.task;
    if (inference.index === undefined) return;
    const backend = options.backend ?? (await platform.defaultBackend());
    const programs = new SessionCache<Releasable>();
    try {
      this.#keep(await inference.index(this.#runner(backend, programs, split.length, options), split, options));
    } finally {
      await programs.release();
    }
  }

  /** What is fed at prediction. */
  plan(rows = predictionRows): FeedPlan {
    return predictionPlan(this.task.feeds(this.backbone), rows);
  }

  /** The graph of the task's answers for batches of given types, no larger than `bounds`. */
  graph(types: Parameters<typeof answerGraph>[2], rows: number, bounds?: GraphBounds): Graph {
    const graph = answerGraph(this.backbone, this.task, types, rows, bounds);
    return this.attached === undefined ? graph : this.attached.apply(graph);
  }

  /**
   * Answers every example of a split, in its order.
   *
   * @throws VesaliusError `bad-data` for a split that the task or the encoders cannot read
   */
  async *predict(split: Split, options: InferenceOptions = {}): AsyncIterable<Answered<Answer>> {
    this.task.check(split, "prediction");
    const used = Object.keys(this.backbone.preparation);
    const context = { backbone: this.backbone, fitted: this.fitted };
    for await (const result of this.results(split, this.task.columns, options))
      yield { id: result.id, answer: this.task.decode(result, context), used };
  }

  /**
   * What the network gives for every example, before the task decodes it.
   *
   * @param columns further values of the examples to read
   */
  async *results(split: Split, columns: readonly string[], options: InferenceOptions = {}): AsyncIterable<Result> {
    const backend = options.backend ?? (await platform.defaultBackend());
    const there = columns.filter((column) => column in split.columns);
    const own = options.backend === undefined ? this.#programs : new SessionCache<Releasable>();
    try {
      yield* this.task.inference.results(this.#runner(backend, own, split.length, options), split, there, options);
    } finally {
      // Programs of the platform's own backend are kept for the next call; those of a given one are only for this one.
      if (own !== this.#programs) await own.release();
    }
  }

  #runner(backend: Backend, programs: SessionCache<Releasable>, count: number, { onCounts }: InferenceOptions): Runner {
    const plan = this.plan(Math.min(predictionRows, Math.max(1, count)));
    return {
      plan,
      kept: this.#kept,
      model: this.#parts(backend, programs),
      async batches(split, other = plan) {
        const batches = await platform.batches(split, other, { workers: 0 });
        onCounts?.(batches.counts);
        return batches;
      },
      run: async (types, rows, feeds) => {
        const program = (await programs.get(`${backend.name} ${rows} ${JSON.stringify(types)}`, () =>
          Program.compile(this.graph(types, rows), backend),
        )) as Program;
        const outputs = await program.run(feedsOf(program.graph, feeds), this.weights);
        for (const [name, tensor] of outputs) requireFinite(name, tensor);
        return outputs;
      },
    };
  }

  #parts(backend: Backend, programs: SessionCache<Releasable>): RunnerModel {
    return {
      backbone: this.backbone,
      weights: this.weights,
      backend,
      adapted: (graph) => this.attached?.apply(graph) ?? graph,
      // Each key is made by one maker, which knows what it made.
      held: <Held extends Releasable>(key: string, make: () => Promise<Held>) =>
        programs.get(`${backend.name} held ${key}`, make) as Promise<Held>,
    };
  }

  /**
   * The bytes of a plain ONNX model with the weights inside. Its metadata hold the task and, where the task fitted a few
   * numbers such as a threshold, those.
   *
   * @param rows examples that it takes at once
   * @param extents of parts that vary in length; the largest that the encoders allow where they are left out
   */
  toOnnx(rows = 1, extents: Readonly<Record<string, number>> = {}): Uint8Array {
    return toOnnx(exportGraph(this, rows, extents), {
      weights: this.weights,
      metadata: {
        task: JSON.stringify({ name: this.task.name, ...this.task.settings }),
        ...(this.fitted.size === 0 ? {} : { fitted: JSON.stringify(smallFitted(this.fitted)) }),
      },
    });
  }

  /**
   * The files of the saved model by name; see `save`.
   *
   * @param reading how its examples were read, for who reads others with it
   */
  encode(reading: Reading | undefined = this.reading): Map<string, string | Uint8Array> {
    return encodeModel(this, reading);
  }

  /**
   * Saves the model: `model.safetensors` under published names, `config.json`, `model.json` with task and encoders,
   * files of the encoders such as `tokenizer.json`, `model.onnx`, and for a method with an adapter the adapter alone
   * under `adapter/`, in PEFT's format where it has one.
   *
   * @throws VesaliusError `output-not-writable` or `disk-full`
   */
  async save(folder: string): Promise<void> {
    await platform.writeFiles(folder, this.encode());
  }

  /** Frees the engine's memory; the model can be used again afterwards. */
  async release(): Promise<void> {
    await this.#programs.release();
  }
}
