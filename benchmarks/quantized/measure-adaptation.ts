import { bytesPerElement, elementCount, type Graph, type Tensors } from "vesalius/graph";
import { nodeCpu } from "vesalius/runtime";
import { adamW, train, trainingStep } from "vesalius/training";
import { answer, askedFor } from "../measuring/child.ts";
import { peakMemory } from "../measuring/figures.ts";
import { productRun } from "../measuring/product.ts";
import { timeRuns } from "../measuring/timing.ts";
import { matrixProductOperations } from "../training/matrix-products.ts";
import { adaptationAnswerSchema, adaptationQuestionSchema } from "./messages.ts";
import { isFactor, shapes, storedModel } from "./model.ts";

const count = (graph: Graph, trained: boolean): number =>
  [...graph.parameters.values()]
    .filter((parameter) => isFactor(parameter) === trained)
    .reduce((sum, { shape }) => sum + elementCount(shape), 0);

const { shape, format, length, steps } = askedFor(adaptationQuestionSchema);
const config = shapes[shape];
const backend = await nodeCpu();
const { graph, plain, weights } = storedModel(config, length, format, backend.keepWeights?.());
const storedBytes = [...graph.parameters.values()]
  .filter((parameter) => !isFactor(parameter))
  .reduce((sum, { shape: extents, dtype }) => sum + Math.ceil(elementCount(extents) * bytesPerElement(dtype)), 0);
const options = {
  optimizer: adamW({ weightDecay: 0 }),
  policy: (parameter: Parameters<typeof isFactor>[0]) => (isFactor(parameter) ? {} : undefined),
  clipNorm: 1,
  recomputation: "blocks" as const,
};
const integers = (factor: number) => Int32Array.from({ length }, (_, i) => (i * factor + 11) % config.vocabularySize);
const batch: Tensors = new Map([
  ["tokens", { dtype: "int32", shape: [1, length], data: integers(7919) }],
  ["targets", { dtype: "int32", shape: [length], data: integers(104_729) }],
]);
const losses: number[] = [];
const ends: number[] = [];
await train(graph, weights, {
  ...options,
  backend,
  totalSteps: steps,
  learningRate: 2e-3,
  schedule: { name: "constant" },
  seed: 1,
  batchSize: 1,
  batch: () => Promise.resolve(batch),
  recordEvery: 1,
  onRecord: ({ loss }) => {
    losses.push(loss);
    ends.push(performance.now());
  },
});
const memory = peakMemory();
const products: number[] = [];
await timeRuns(await productRun(backend), 10, products);
answer(adaptationAnswerSchema, {
  parameters: count(plain, false),
  trainedParameters: count(plain, true),
  storedBytes,
  losses,
  stepSeconds: ends.slice(1).map((end, i) => (end - ends[i]!) / 1000),
  operations: matrixProductOperations(trainingStep(plain, options).update.graph),
  products,
  peakMemory: memory,
});
