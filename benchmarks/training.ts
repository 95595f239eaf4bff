import type { z } from "zod";
import type { Measure } from "./result.ts";
import { ask } from "./measuring/child.ts";
import { mebibytes, median, plain } from "./measuring/figures.ts";
import { productMeasure, rateMeasures, turnsMethod } from "./measuring/product.ts";
import type { Turns } from "./measuring/timing.ts";
import { loopAnswerSchema, type loopQuestionSchema, stepAnswerSchema } from "./training/messages.ts";
import { type WorkloadName, workloads } from "./training/workloads.ts";

/** How much is measured. */
export interface TrainingEffort extends Turns {
  /** Steps of a whole training run. */
  readonly loopSteps: number;
  /** Training steps that are measured. */
  readonly workloads: readonly WorkloadName[];
  /** Whole runs that are measured. */
  readonly runs: readonly RunName[];
}

const runLabels = { fineTuning: "ViT fine-tuning", pretraining: "MAE pretraining" } as const;
type RunName = keyof typeof runLabels;

const every = { workloads: Object.keys(workloads) as WorkloadName[], runs: Object.keys(runLabels) as RunName[] };

/** Enough for figures that hold on a quiet machine; about three minutes on two cores. */
export const fullEffort: TrainingEffort = { rounds: 20, secondsPerBlock: 0.7, loopSteps: 150, ...every };

/** As little as exercises every way of measuring, or every row; the figures mean nothing. */
export const quickEffort = (everyRow: boolean): TrainingEffort => ({
  rounds: 1,
  secondsPerBlock: 0,
  loopSteps: 2,
  ...(everyRow ? every : { workloads: ["bert"], runs: ["pretraining"] }),
});

/** How the figures come about, for whoever reads a result. */
export const trainingMethod =
  `${turnsMethod} Operations are those of the forward and backward matrix products in the step's ` +
  "graph (Gemm and MatMul with more than one row and column), and nothing else; the step's time includes everything: " +
  "activations, norms, clipping, optimizer. Outside ONNX Runtime: 1 minus the share of a whole run (images in memory, one " +
  "loader thread) that is spent in the engine's calls. Memory is the largest resident size of the process, Node included.";

function stepMeasures(
  { label, batchSize, parameters, operations, peakMemory, ...times }: z.output<typeof stepAnswerSchema>,
  product: Measure,
): Measure[] {
  return [
    plain(`${label}: parameters`, parameters, "parameters"),
    plain(`${label}: matrix products of a step`, operations / 1e9, "GFLOP"),
    ...rateMeasures(label, operations, times, product),
    plain(`${label}: examples, median`, (1000 * batchSize) / median(times.steps), "examples/s"),
    plain(`${label}: peak memory`, mebibytes(peakMemory), "MiB"),
  ];
}

const loopMeasures = (label: string, answer: z.output<typeof loopAnswerSchema>): Measure[] => [
  plain(`${label} run: outside ONNX Runtime`, answer.outsideEngine, "share"),
  plain(`${label} run: waiting for data`, answer.waiting, "share"),
  plain(`${label} run: examples`, answer.examplesPerSecond, "examples/s"),
  plain(`${label} run: peak memory`, mebibytes(answer.peakMemory), "MiB"),
];

/**
 * Measures training: the rate of the matrix products of three training steps beside a plain matrix product of the same
 * engine, and where the time of whole runs goes.
 */
export async function measureTraining({
  loopSteps,
  workloads: names,
  runs,
  ...effort
}: TrainingEffort): Promise<Measure[]> {
  const steps = [];
  for (const workload of names)
    steps.push(await ask("training/measure-step", { workload, ...effort }, stepAnswerSchema));
  const product = productMeasure(steps.flatMap(({ products }) => products));
  const loops: Measure[] = [];
  for (const run of runs) {
    const question: z.input<typeof loopQuestionSchema> = { run, steps: loopSteps };
    loops.push(...loopMeasures(runLabels[run], await ask("training/measure-loop", question, loopAnswerSchema)));
  }
  return [product, ...steps.flatMap((answer) => stepMeasures(answer, product)), ...loops];
}
