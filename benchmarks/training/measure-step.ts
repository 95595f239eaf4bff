import { setTimeout as sleep } from "node:timers/promises";
import {
  elementCount,
  Graph,
  initializeParameters,
  matMul,
  type Tensor,
  type Tensors,
  type Value,
  zeros,
} from "vesalius/graph";
import { type Backend, nodeCpu, Program } from "vesalius/runtime";
import { randomInputs, trainingStep } from "vesalius/training";
import { answer, askedFor } from "./child.ts";
import { matrixProductOperations } from "./matrix-products.ts";
import { productShape, stepAnswerSchema, stepQuestionSchema } from "./messages.ts";
import { type Workload, workloads } from "./workloads.ts";

type Timed = () => Promise<void>;

const uniform = (count: number): Float32Array => Float32Array.from({ length: count }, () => 2 * Math.random() - 1);

async function productRun(backend: Backend): Promise<Timed> {
  const [rows, inner, columns] = productShape;
  const graph = new Graph("product");
  const a = graph.input("a", "float32", [rows, inner]);
  const b = graph.input("b", "float32", [inner, columns]);
  graph.output("c", matMul(a, b));
  const program = await Program.compile(graph, backend);
  const feeds: Tensors = new Map(
    [a, b].map(({ name, shape }) => [name, { dtype: "float32", shape, data: uniform(elementCount(shape)) }]),
  );
  return async () => void (await program.run(feeds, new Map()));
}

function sample({ name, dtype, shape }: Value, bounds: Workload["bounds"]): Tensor {
  const count = elementCount(shape);
  const bound = bounds[name];
  const data =
    bound === undefined ? uniform(count) : Int32Array.from({ length: count }, () => Math.floor(Math.random() * bound));
  return { dtype, shape, data };
}

async function stepRun({ graph, options, bounds }: Workload, backend: Backend) {
  const step = trainingStep(graph, options);
  const { update } = step;
  const program = await Program.compile(update.graph, backend, update.states);
  const state: Tensors = initializeParameters(update.graph, 1);
  for (const [name, shape] of step.zeroStates) state.set(name, zeros("float32", shape));
  const scalars = new Set(step.scalarNames);
  const inputs = [...graph.inputs.values()].filter(({ random }) => random === undefined);
  const batch = inputs.map((input) => [input.name, sample(input, bounds)] as const);
  let done = 0;
  const run: Timed = async () => {
    done++;
    const feeds: Tensors = new Map([...batch, ...randomInputs(update.graph, 1, done)]);
    for (const [name, value] of Object.entries(options.optimizer.scalars(done, 1e-3)))
      if (scalars.has(name)) feeds.set(name, { dtype: "float32", shape: [], data: Float32Array.of(value) });
    const loss = (await program.run(feeds, state)).get("loss")!.data as Float32Array;
    if (!Number.isFinite(loss[0])) throw new Error(`the loss is not finite after ${done} steps`);
  };
  return { run, operations: matrixProductOperations(update.graph) };
}

/**
 * Times runs after one that is not counted. The pause before lets the threads of the other session fall asleep: they
 * wait for work in a loop, which on few cores would slow down what is measured here.
 */
async function timeRuns(run: Timed, count: number, times: number[]): Promise<void> {
  await sleep(100);
  await run();
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await run();
    times.push(performance.now() - began);
  }
}

const question = askedFor(stepQuestionSchema);
const workload = await workloads[question.workload]();
const backend = await nodeCpu();
const product = await productRun(backend);
const step = await stepRun(workload, backend);
const [steps, products]: [number[], number[]] = [[], []];
for (let round = 0; round < question.rounds; round++) {
  await timeRuns(product, question.productsPerRound, products);
  await timeRuns(step.run, question.stepsPerRound, steps);
}
const parameters = [...workload.graph.parameters.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
answer(stepAnswerSchema, {
  label: workload.label,
  batchSize: workload.batchSize,
  parameters,
  operations: step.operations,
  steps,
  products,
  peakMemory: process.resourceUsage().maxRSS * 1024,
});
