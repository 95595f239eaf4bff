import { VesaliusError } from "../common/errors.ts";
import { cloneTensor, Graph, type Tensor, type Tensors } from "../graph/index.ts";
import type { Checkpoint, TrainingRecord, TrainingTime } from "./checkpoint.ts";
import { lossSums } from "./loss-sums.ts";
import { randomInputs } from "./random-inputs.ts";
import { learningRateAt } from "./schedules.ts";
import { type PreparedBatch, singleSource, type TrainingSource } from "./source.ts";
import { averageName } from "./step-graph.ts";
import { StepPrograms } from "./step-programs.ts";
import type { TrainingResult, TrainOptions } from "./train-options.ts";
import { changingState, checkCheckpoint } from "./training-state.ts";

const scalar = (value: number): Tensor => ({ dtype: "float32", shape: [], data: Float32Array.of(value) });

/** A moving average of decay d forgets its start only after about 1 / (1 - d) steps; early steps use less. */
const warmedDecay = (decay: number, step: number): number => Math.min(decay, (1 + step) / (10 + step));

/**
 * Trains a graph: runs the training step, follows the schedule, records, evaluates, saves checkpoints and resumes.
 *
 * The run is a function of seed, batches and starting weights: on one machine the same ones give the same losses to
 * the last digit, also when it was interrupted and resumed.
 *
 * @param source graph with a scalar output `loss` (batches then come from `options.batch`), or graphs and batches of
 * several shapes over the same parameters
 * @param weights every parameter of the graph; they are not changed
 * @throws VesaliusError `not-a-number` naming the step at which the loss or the gradient stopped being finite; the last
 * checkpoint is kept. `checkpoint-mismatch` when the checkpoint belongs to another run.
 */
export async function train(
  source: Graph | TrainingSource,
  weights: Tensors,
  options: TrainOptions,
): Promise<TrainingResult> {
  const run = new Run(
    source instanceof Graph ? singleSource(source, options.batchSize, options.batch) : source,
    weights,
    options,
  );
  await run.start();
  try {
    return await run.loop();
  } finally {
    await run.release();
  }
}

class Run {
  readonly #options: TrainOptions;
  readonly #source: TrainingSource;
  readonly #weights: Tensors;
  readonly #programs: StepPrograms;
  /** The micro-batch after the one that the engine works on, prepared meanwhile. */
  #ahead: { readonly micro: number; readonly batch: Promise<PreparedBatch> } | undefined;
  #done = 0;
  /** Examples since the start of this session. */
  #examples = 0;
  /** Step of the last checkpoint. */
  #saved: number | undefined;
  #history: TrainingRecord[] = [];
  #best: Checkpoint["best"];
  #stale = 0;
  #pending = lossSums();
  #began = 0;
  /** Seconds of earlier sessions, then of this one too. */
  #time = { total: 0, engine: 0, waiting: 0, evaluation: 0 };

  constructor(source: TrainingSource, weights: Tensors, options: TrainOptions) {
    this.#options = options;
    this.#source = source;
    this.#weights = weights;
    this.#programs = new StepPrograms(source, weights, { ...options, ema: options.emaDecay !== undefined });
  }

  async start(): Promise<void> {
    const { checkpoints, fingerprint = "" } = this.#options;
    const saved = await checkpoints?.load();
    if (saved !== undefined) {
      if (saved.fingerprint !== fingerprint)
        throw new VesaliusError("checkpoint-mismatch", "the checkpoint belongs to a run with other settings", {
          fix: "use another output folder, or delete the checkpoint to start again",
        });
      const { totalSteps, evaluation } = this.#options;
      checkCheckpoint(saved, this.#programs.first, this.#programs.state, {
        totalSteps,
        keepsBest: evaluation?.keepBest === true,
      });
      for (const [name, tensor] of saved.state) this.#programs.state.set(name, tensor);
      this.#done = saved.step;
      this.#saved = saved.step;
      this.#history = [...saved.history];
      this.#best = saved.best;
      this.#stale = saved.stale;
      this.#pending = lossSums(saved.pending);
      this.#time = { ...saved.time };
    }
    await this.#programs.of(this.#source.bucket);
  }

  async release(): Promise<void> {
    await this.#programs.release();
  }

  async loop(): Promise<TrainingResult> {
    const { totalSteps, evaluation, signal, checkpoints } = this.#options;
    const recordEvery = this.#options.recordEvery ?? Math.max(1, Math.round(totalSteps / 100));
    const checkpointEvery = this.#options.checkpointEvery ?? Math.max(1, Math.round(totalSteps / 20));
    this.#began = performance.now();
    const first = this.#done;
    const patience = evaluation?.patience ?? Infinity;
    while (this.#done < totalSteps && this.#stale < patience) {
      const { loss, terms, gradientNorm, learningRate } = await this.#one();
      this.#done++;
      this.#pending.add(loss, terms);
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
    const means = this.#pending.means();
    const record = {
      step: this.#done,
      ...means,
      learningRate,
      gradientNorm,
      ...(score === undefined ? {} : { score }),
    };
    this.#pending = lossSums();
    this.#history.push(record);
    this.#options.onRecord?.(record);
  }

  /** A micro-batch with its random numbers, drawn while the engine is busy with the one before. */
  async #prepare(micro: number): Promise<PreparedBatch> {
    const { bucket, feeds, examples } = await this.#source.batch(micro);
    const began = performance.now();
    const { step, accumulate } = await this.#programs.of(bucket);
    const compiling = [began, performance.now()] as const;
    const isLast = (micro + 1) % (this.#options.accumulation ?? 1) === 0;
    const { graph } = isLast || accumulate === undefined ? step.update : step.accumulate!;
    const drawn = randomInputs(graph, this.#options.seed, micro);
    return { bucket, examples, compiling, feeds: new Map([...feeds, ...drawn]) };
  }

  #batch(micro: number): Promise<PreparedBatch> {
    const batch = this.#ahead?.micro === micro ? this.#ahead.batch : this.#prepare(micro);
    this.#ahead = undefined;
    return batch;
  }

  #prepareAhead(micro: number): void {
    const { accumulation = 1, totalSteps } = this.#options;
    if (micro >= totalSteps * accumulation) return;
    const batch = this.#prepare(micro);
    // A failure is thrown when the batch is asked for; a run that stops before has nobody to tell.
    batch.catch(() => {});
    this.#ahead = { micro, batch };
  }

  async #one() {
    const { accumulation = 1, optimizer, totalSteps, schedule } = this.#options;
    const learningRate = learningRateAt(
      schedule ?? { name: "cosine", warmupFraction: 0.05 },
      this.#done + 1,
      totalSteps + 1,
      this.#options.learningRate,
    );
    let loss = 0;
    let gradientNorm = 0;
    const terms: Record<string, number> = {};
    for (let i = 0; i < accumulation; i++) {
      const micro = this.#done * accumulation + i;
      const asked = performance.now();
      const { bucket, feeds, examples, compiling } = await this.#batch(micro);
      this.#examples += examples;
      const { step, update, accumulate } = await this.#programs.of(bucket);
      const began = performance.now();
      // A shape that comes up for the first time is compiled between its batch and the step: the engine's time, no wait.
      const compiled = Math.max(0, Math.min(began, compiling[1]) - Math.max(asked, compiling[0]));
      this.#time.waiting += (began - asked - compiled) / 1000;
      this.#time.engine += compiled / 1000;
      const last = i === accumulation - 1;
      if (last) {
        const scalars = {
          ...optimizer.scalars(this.#done + 1, learningRate),
          emaDecay: warmedDecay(this.#options.emaDecay ?? 0, this.#done),
        };
        for (const name of step.scalarNames) feeds.set(name, scalar(scalars[name as keyof typeof scalars]));
      }
      const running = (last ? update : accumulate!).run(feeds, this.#programs.state);
      this.#prepareAhead(micro + 1);
      const outputs = await running;
      this.#time.engine += (performance.now() - began) / 1000;
      const scalarOf = (name: string): number => (outputs.get(name)!.data as Float32Array)[0]!;
      loss += scalarOf(this.#options.loss ?? "loss") / accumulation;
      for (const name of this.#options.report ?? []) terms[name] = (terms[name] ?? 0) + scalarOf(name) / accumulation;
      if (last) gradientNorm = scalarOf("gradientNorm");
    }
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw this.#notANumber(Number.isFinite(loss) ? "gradient" : "loss");
    return { loss, terms, gradientNorm, learningRate };
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
    const { graph, state } = this.#programs;
    for (const name of graph.parameters.keys()) current.set(name, state.get(averageName(name)) ?? state.get(name)!);
    return this.#programs.download(current);
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
      const changing = new Set([...this.#programs.first.trained, ...this.#programs.first.buffers]);
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
      state: await this.#programs.download(changingState(this.#programs.first, this.#programs.state)),
      best: this.#best,
      stale: this.#stale,
      pending: this.#pending.sums(),
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
    const { onProgress, totalSteps } = this.#options;
    if (onProgress === undefined) return;
    const seconds = (performance.now() - this.#began) / 1000;
    onProgress({
      step: this.#done,
      totalSteps,
      loss,
      learningRate,
      examplesPerSecond: this.#examples / seconds,
      secondsLeft: ((totalSteps - this.#done) * seconds) / (this.#done - first),
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
