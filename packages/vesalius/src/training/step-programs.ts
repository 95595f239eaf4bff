import { VesaliusError } from "../common/errors.ts";
import { type Graph, sameShape, type Tensors } from "../graph/index.ts";
import { type Backend, Program, type ProgramOptions } from "../runtime/index.ts";
import type { TrainingSource } from "./source.ts";
import { type StepOptions, type TrainingStep, trainingStep } from "./step-graph.ts";
import { onlyStored, startingState } from "./training-state.ts";

/** The compiled graphs of one shape. */
interface Compiled {
  readonly step: TrainingStep;
  readonly update: Program;
  readonly accumulate: Program | undefined;
}

/** Training steps of every shape of a source, compiled on first use over one state: weights, moments, averages. */
export class StepPrograms {
  /** The step of the source's own shape, which says what there is to keep. */
  readonly first: TrainingStep;
  /** Weights, optimizer state and averages by name; replaced from step to step. */
  state: Tensors;
  readonly #source: TrainingSource;
  readonly #options: StepOptions & { readonly backend: Backend };
  readonly #settings: ProgramOptions;
  readonly #compiled = new Map<string, Promise<Compiled>>();

  constructor(
    source: TrainingSource,
    weights: Tensors,
    options: StepOptions & { readonly backend: Backend; readonly threads?: number },
  ) {
    this.#source = source;
    this.#options = options;
    this.first = trainingStep(source.graph(source.bucket), options);
    this.state = startingState(this.first, this.graph, weights);
    const { threads } = options;
    this.#settings = { ...(threads === undefined ? {} : { threads }), stored: onlyStored(this.state) };
  }

  /** The update graph of the source's own shape. */
  get graph(): Graph {
    return this.first.update.graph;
  }

  /** The step of a shape, compiled where it is new. */
  of(bucket: string): Promise<Compiled> {
    const known = this.#compiled.get(bucket);
    if (known !== undefined) return known;
    const compiled = this.#compile(bucket);
    this.#compiled.set(bucket, compiled);
    return compiled;
  }

  /** Copies of tensors that lie in a device's memory, in the main memory. */
  async download(tensors: Tensors): Promise<Tensors> {
    return (await this.of(this.#source.bucket)).update.download(tensors);
  }

  async release(): Promise<void> {
    for (const compiled of this.#compiled.values()) {
      const { update, accumulate } = await compiled;
      await update.release(this.state);
      await accumulate?.release();
    }
  }

  async #compile(bucket: string): Promise<Compiled> {
    const isFirst = bucket === this.#source.bucket;
    const step = isFirst ? this.first : trainingStep(this.#source.graph(bucket), this.#options);
    if (!isFirst) this.#checkState(step, bucket);
    const compile = ({ graph, states }: TrainingStep["update"]): Promise<Program> =>
      Program.compile(graph, this.#options.backend, states, this.#settings);
    const update = await compile(step.update);
    return { step, update, accumulate: step.accumulate && (await compile(step.accumulate)) };
  }

  /** Every shape must train the same parameters, or the state of one would be wrong for the other. */
  #checkState(step: TrainingStep, bucket: string): void {
    for (const [name, { shape }] of step.update.graph.parameters) {
      const held = this.state.get(name);
      if (held === undefined || !sameShape(held.shape, shape))
        throw new VesaliusError("shape-mismatch", "a parameter differs between batches of different shapes", {
          where: `${name}, batches of ${bucket}`,
        });
    }
    const differs = step.trained.length !== this.first.trained.length;
    if (differs)
      throw new VesaliusError("bad-configuration", "batches of different shapes would train different parameters", {
        where: `batches of ${bucket}`,
      });
  }
}
