import { VesaliusError } from "../common/errors.ts";
import { cloneTensor, type Graph, type Tensor, type Tensors } from "../graph/index.ts";
import { Program } from "../runtime/index.ts";
import type { Checkpoint, TrainingRecord, TrainingTime } from "./checkpoint.ts";
import { randomInputs } from "./random-inputs.ts";
import { learningRateAt } from "./schedules.ts";
import { averageName, type TrainingStep, trainingStep } from "./step-graph.ts";
import type { TrainingResult, TrainOptions } from "./train-options.ts";
import { changingState, onlyStored, startingState } from "./training-state.ts";

const scalar = (value: number): Tensor => ({ dtype: "float32", shape: [], data: Float32Array.of(value) });

/** A moving average of decay d forgets its start only after about 1 / (1 - d) steps; early steps use less. */
const warmedDecay = (decay: number, step: number): number => Math.min(decay, (1 + step) / (10 + step));

/**
 * Trains a graph: runs the training step, follows the schedule, records, evaluates, saves checkpoints and resumes.
 *
 * The run is a function of seed, batches and starting weights: on one machine the same ones give the same losses to
 * the last digit, also when it was interrupted and resumed.
 *
 * @param forward graph with a scalar output `loss`
 * @param weights every parameter of the graph; they are not changed
 * @throws VesaliusError `not-a-number` naming the step at which the loss or the gradient stopped being finite; the last
 * checkpoint is kept. `checkpoint-mismatch` when the checkpoint belongs to another run.
 */
export async function train(forward: Graph, weights: Tensors, options: TrainOptions): Promise<TrainingResult> {
  const run = new Run(forward, weights, options);
  await run.start();
  try {
    return await run.loop();
  } finally {
    await run.release();
  }
}

class Run {
  readonly #options: TrainOptions;
  readonly #step: TrainingStep;
  readonly #graph: Graph;
  readonly #weights: Tensors;
  #state: Tensors;
  #update!: Program;
  #accumulate: Program | undefined;
  #done = 0;
  /** Step of the last checkpoint. */
  #saved: number | undefined;
  #history: TrainingRecord[] = [];
  #best: Checkpoint["best"];
  #stale = 0;
  #pending = { lossSum: 0, count: 0 };
  #began = 0;
  /** Seconds of earlier sittings, then of this one too. */
  #time = { total: 0, engine: 0, waiting: 0, evaluation: 0 };

  constructor(forward: Graph, weights: Tensors, options: TrainOptions) {
    this.#options = options;
    this.#step = trainingStep(forward, { ...options, ema: options.emaDecay !== undefined });
    this.#graph = this.#step.update.graph;
    this.#weights = weights;
    this.#state = startingState(this.#step, this.#graph, weights);
  }

  async start(): Promise<void> {
    const { backend, threads, checkpoints, fingerprint = "" } = this.#options;
    const settings = { ...(threads === undefined ? {} : { threads }), stored: onlyStored(this.#state) };
    const saved = await checkpoints?.load();
    if (saved !== undefined) {
      if (saved.fingerprint !== fingerprint)
        throw new VesaliusError("checkpoint-mismatch", "the checkpoint belongs to a run with other settings", {
          fix: "use another output folder, or delete the checkpoint to start again",
        });
      for (const [name, tensor] of saved.state) this.#state.set(name, tensor);
      this.#done = saved.step;
      this.#saved = saved.step;
      this.#history = [...saved.history];
      this.#best = saved.best;
      this.#stale = saved.stale;
      this.#pending = saved.pending;
      this.#time = { ...saved.time };
    }
    this.#update = await Program.compile(this.#graph, backend, this.#step.update.states, settings);
    if (this.#step.accumulate !== undefined)
      this.#accumulate = await Program.compile(
        this.#step.accumulate.graph,
        backend,
        this.#step.accumulate.states,
        settings,
      );
  }

  async release(): Promise<void> {
    await this.#update.release(this.#state);
    await this.#accumulate?.release();
  }

  async loop(): Promise<TrainingResult> {
    const { totalSteps, evaluation, signal, checkpoints } = this.#options;
    const recordEvery = this.#options.recordEvery ?? Math.max(1, Math.round(totalSteps / 100));
    const checkpointEvery = this.#options.checkpointEvery ?? Math.max(1, Math.round(totalSteps / 20));
    this.#began = performance.now();
    const first = this.#done;
    const patience = evaluation?.patience ?? Infinity;
    while (this.#done < totalSteps && this.#stale < patience) {
      const { loss, gradientNorm, learningRate } = await this.#one();
      this.#done++;
      const { lossSum, count } = this.#pending;
      this.#pending = { lossSum: lossSum + loss, count: count + 1 };
      this.#report(loss, learningRate, first);
      const last = this.#done === totalSteps;
      const evaluate = evaluation !== undefined && (last || this.#done % evaluation.everySteps === 0);
      if (last || evaluate || this.#done % recordEvery === 0) {
        const score = evaluate ? await this.#evaluate() : undefined;
        this.#record(learningRate, gradientNorm, score);
      }
      const stop = signal?.aborted === true;
      if (checkpoints !== undefined && (last || stop || this.#done % checkpointEvery === 0)) await this.#save();
      if (stop && !last)
        throw new VesaliusError("interrupted", `stopped after step ${this.#done} of ${totalSteps}`, {
          fix: "run the same command again to go on from the last checkpoint",
        });
    }
    return this.#result(totalSteps);
  }

  #record(learningRate: number, gradientNorm: number, score: number | undefined): void {
    const loss = this.#pending.lossSum / this.#pending.count;
    const record = { step: this.#done, loss, learningRate, gradientNorm, ...(score === undefined ? {} : { score }) };
    this.#pending = { lossSum: 0, count: 0 };
    this.#history.push(record);
    this.#options.onRecord?.(record);
  }

  async #one(): Promise<{ loss: number; gradientNorm: number; learningRate: number }> {
    const { accumulation = 1, optimizer, totalSteps, schedule, seed } = this.#options;
    const learningRate = learningRateAt(
      schedule ?? { name: "cosine", warmupFraction: 0.05 },
      this.#done + 1,
      totalSteps + 1,
      this.#options.learningRate,
    );
    let loss = 0;
    let gradientNorm = 0;
    for (let i = 0; i < accumulation; i++) {
      const micro = this.#done * accumulation + i;
      const asked = performance.now();
      const feeds = new Map([...(await this.#options.batch(micro)), ...randomInputs(this.#graph, seed, micro)]);
      const began = performance.now();
      this.#time.waiting += (began - asked) / 1000;
      const last = i === accumulation - 1;
      if (last) {
        const scalars = {
          ...optimizer.scalars(this.#done + 1, learningRate),
          emaDecay: warmedDecay(this.#options.emaDecay ?? 0, this.#done),
        };
        for (const name of this.#step.scalarNames) feeds.set(name, scalar(scalars[name as keyof typeof scalars]));
      }
      const outputs = await (last ? this.#update : this.#accumulate!).run(feeds, this.#state);
      this.#time.engine += (performance.now() - began) / 1000;
      loss += (outputs.get(this.#options.loss ?? "loss")!.data as Float32Array)[0]! / accumulation;
      if (last) gradientNorm = (outputs.get("gradientNorm")!.data as Float32Array)[0]!;
    }
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw this.#notANumber(Number.isFinite(loss) ? "gradient" : "loss");
    return { loss, gradientNorm, learningRate };
  }

  #notANumber(what: string): VesaliusError {
    const saved = this.#saved === undefined ? "" : `; the checkpoint of step ${this.#saved} is kept`;
    return new VesaliusError(
      "not-a-number",
      `the ${what} is no longer a finite number at step ${this.#done + 1}${saved}`,
      {
        fix: "lower the learning rate, lengthen the warm-up, or look for extreme values in the data",
      },
    );
  }

  /** The weights that an evaluation or a user gets: averages where they are kept. */
  #current(): Promise<Tensors> {
    const current: Tensors = new Map();
    for (const name of this.#graph.parameters.keys())
      current.set(name, this.#state.get(averageName(name)) ?? this.#state.get(name)!);
    return this.#update.download(current);
  }

  async #evaluate(): Promise<number> {
    const { score, better, keepBest } = this.#options.evaluation!;
    const began = performance.now();
    const current = await this.#current();
    const value = await score(current);
    const improved =
      this.#best === undefined || (better === "higher" ? value > this.#best.score : value < this.#best.score);
    this.#stale = improved ? 0 : this.#stale + 1;
    if (improved) {
      const changing = new Set([...this.#step.trained, ...this.#step.buffers]);
      const weights = keepBest
        ? new Map([...current].filter(([name]) => changing.has(name)).map(([name, t]) => [name, cloneTensor(t)]))
        : new Map<string, Tensor>();
      this.#best = { step: this.#done, score: value, weights };
    }
    this.#time.evaluation += (performance.now() - began) / 1000;
    return value;
  }

  async #save(): Promise<void> {
    const began = performance.now();
    await this.#options.checkpoints!.save({
      step: this.#done,
      state: await this.#update.download(changingState(this.#step, this.#state)),
      best: this.#best,
      stale: this.#stale,
      pending: this.#pending,
      history: this.#history,
      time: this.#spent(),
      fingerprint: this.#options.fingerprint ?? "",
    });
    this.#saved = this.#done;
    this.#time.evaluation += (performance.now() - began) / 1000;
  }

  #spent(): TrainingTime {
    return { ...this.#time, total: this.#time.total + (performance.now() - this.#began) / 1000 };
  }

  #report(loss: number, learningRate: number, first: number): void {
    const { onProgress, totalSteps, batchSize, accumulation = 1 } = this.#options;
    if (onProgress === undefined) return;
    const perStep = (performance.now() - this.#began) / 1000 / (this.#done - first);
    onProgress({
      step: this.#done,
      totalSteps,
      loss,
      learningRate,
      examplesPerSecond: (batchSize * accumulation) / perStep,
      secondsLeft: (totalSteps - this.#done) * perStep,
    });
  }

  async #result(totalSteps: number): Promise<TrainingResult> {
    const weights = new Map([...this.#weights, ...(await this.#current())]);
    if (this.#options.evaluation?.keepBest === true)
      for (const [name, tensor] of this.#best?.weights ?? []) weights.set(name, tensor);
    return {
      weights,
      history: this.#history,
      steps: this.#done,
      stoppedEarly: this.#done < totalSteps,
      best: this.#best === undefined ? undefined : { step: this.#best.step, score: this.#best.score },
      time: this.#spent(),
    };
  }
}
