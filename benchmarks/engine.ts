import type { z } from "zod";
import {
  bundleAnswerSchema,
  engineAnswerSchema,
  type engineQuestionSchema,
  type EngineWorkload,
  engineWorkloadNames,
  peerAnswerSchema,
  startAnswerSchema,
} from "./engine/messages.ts";
import type { Size } from "./engine/workloads.ts";
import { ask } from "./measuring/child.ts";
import { compared, mebibytes, plain } from "./measuring/figures.ts";
import { productMeasure, rateMeasures, turnsMethod } from "./measuring/product.ts";
import type { Measure } from "./result.ts";

/** How much is measured. */
export interface EngineEffort extends Omit<z.output<typeof engineQuestionSchema>, "workload"> {
  /** Steps of each other library. */
  readonly peerSteps: number;
  /** Training steps that are measured. */
  readonly workloads: readonly EngineWorkload[];
  /** Which of them each other library trains too. */
  readonly peers: readonly (readonly [workload: PeerWorkload, library: Library])[];
}

type PeerWorkload = "encoder" | "convolutions";

/** Programs that train with other libraries. */
const libraries = { "jax-js": "engine/measure-jax", "TensorFlow.js": "engine/measure-tensorflow" } as const;
type Library = keyof typeof libraries;

const every = {
  workloads: engineWorkloadNames,
  peers: (["encoder", "convolutions"] as const).flatMap((workload) =>
    (Object.keys(libraries) as Library[]).map((library) => [workload, library] as const),
  ),
};

/** Enough for figures that hold on a quiet machine; about ten minutes on two cores. */
export const fullEngine: EngineEffort = {
  size: "full",
  rounds: 12,
  secondsPerBlock: 0.7,
  peerSteps: 8,
  ...every,
};

/** As little as exercises every way of measuring, or every row; the figures mean nothing. */
export const quickEngine = (everyRow: boolean): EngineEffort => ({
  size: "quick",
  rounds: 1,
  secondsPerBlock: 0,
  peerSteps: 2,
  ...(everyRow
    ? every
    : {
        workloads: ["unet2d", "unet2dLora", "encoder", "convolutions"],
        peers: [
          ["encoder", "jax-js"],
          ["convolutions", "TensorFlow.js"],
        ],
      }),
});

/** How the figures come about, for whoever reads a result. */
export const engineMethod =
  `${turnsMethod} Operations are those that the layers need by definition: each matrix product and ` +
  "convolution once forward and once for each operand that is differentiated, however the gradients are written. The " +
  "operators' shares of a step are those of ONNX Runtime's profile. The other libraries train the same vision transformer " +
  "(144 tokens, width 256, 4 layers, 16 images) and the same two 3x3 convolutions (64 channels, 64 x 64, 4 images) with Adam " +
  "on their wasm backends in Node. Start: import of the library and of the engine, and making the encoder's training step " +
  "(graph, gradients, session). Bundle: everything of the main entry, minified, without the engine.";

/** Operators below this share of a step are not listed. */
const listedShare = 0.03;

function stepMeasures(
  { label, operations, operators, peakMemory, ...times }: z.output<typeof engineAnswerSchema>,
  product: Measure,
): Measure[] {
  const largest = Object.entries(operators)
    .filter(([, share]) => share >= listedShare)
    .toSorted(([, a], [, b]) => b - a);
  return [
    plain(`${label}: operations of a step`, operations / 1e9, "GFLOP"),
    ...rateMeasures(label, operations, times, product),
    plain(`${label}: peak memory`, mebibytes(peakMemory), "MiB"),
    ...largest.map(([operator, share]) => plain(`${label}: time in ${operator}`, share, "share")),
  ];
}

/** Measures training steps beside a plain matrix product and beside other libraries, and what it takes to start. */
export async function measureEngine({ peerSteps, workloads, peers, ...effort }: EngineEffort): Promise<Measure[]> {
  const answers = [];
  for (const workload of workloads)
    answers.push(await ask("engine/measure-step", { workload, ...effort }, engineAnswerSchema));
  const product = productMeasure(answers.flatMap(({ products }) => products));
  const own = answers.flatMap((answer) => stepMeasures(answer, product));
  const others: Measure[] = [];
  for (const [workload, library] of peers) {
    const { label } = answers[workloads.indexOf(workload)]!;
    const reference = own.find(({ name }) => name === `${label}: step, best`)!;
    const question = { workload, size: effort.size satisfies Size, steps: peerSteps };
    const { version, steps } = await ask(libraries[library], question, peerAnswerSchema);
    others.push(compared(`${label}: step of ${library} ${version}, best`, Math.min(...steps), "ms", reference));
  }
  const start = await ask("engine/measure-start", {}, startAnswerSchema);
  const bundle = await ask("engine/measure-bundle", {}, bundleAnswerSchema);
  return [
    product,
    ...own,
    ...others,
    plain("import of the library", start.library, "ms"),
    plain("import of the engine", start.engine, "ms"),
    plain("making a training step", start.session, "ms"),
    plain("browser bundle, minified", bundle.minified / 1024, "KiB"),
    plain("browser bundle, minified and compressed", bundle.gzip / 1024, "KiB"),
  ];
}
