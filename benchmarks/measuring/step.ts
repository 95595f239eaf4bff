import {
  elementCount,
  type Graph,
  initializeParameters,
  type Tensor,
  type Tensors,
  type Value,
  zeros,
} from "vesalius/graph";
import { type Backend, Program, type SessionOptions } from "vesalius/runtime";
import { randomInputs, type StepOptions, trainingStep } from "vesalius/training";
import { type Timed, uniform } from "./timing.ts";

/** A training step to measure: the forward graph, and how it is trained. */
export interface Workload {
  /** Beginning of the names of its measures. */
  readonly label: string;
  readonly graph: Graph;
  readonly options: StepOptions;
  readonly batchSize: number;
  /** Exclusive upper bound of the integers that an input takes. */
  readonly bounds: Readonly<Record<string, number>>;
}

function sample({ name, dtype, shape }: Value, bounds: Workload["bounds"]): Tensor {
  const count = elementCount(shape);
  const bound = bounds[name];
  const data =
    bound === undefined ? uniform(count) : Int32Array.from({ length: count }, () => Math.floor(Math.random() * bound));
  return { dtype, shape, data };
}

/** Number of elements of all parameters of a workload. */
export const parameterCount = ({ graph }: Workload): number =>
  [...graph.parameters.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);

/** A training step ready to run, and its graph. */
export interface StepRun {
  readonly run: Timed;
  readonly graph: Graph;
  /** Frees the session. */
  release(): Promise<void>;
}

/** Compiles the training step of a workload, with drawn weights and inputs. */
export async function stepRun(
  { graph, options, bounds }: Workload,
  backend: Backend,
  session: SessionOptions = {},
): Promise<StepRun> {
  const step = trainingStep(graph, options);
  const { update } = step;
  const program = await Program.compile(update.graph, backend, update.states, session);
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
  return { run, graph: update.graph, release: () => program.release() };
}
