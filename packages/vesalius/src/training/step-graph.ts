import {
  add,
  divide,
  type Graph,
  maximum,
  multiply,
  pruned,
  type Recomputation,
  reduceSumSquare,
  sqrt,
  sum,
  type Value,
} from "../graph/index.ts";
import type { StateSlot } from "../runtime/index.ts";
import { bundleParameters, pack, unpack } from "./bundles.ts";
import { differentiate, nextName } from "./differentiate.ts";
import { movingAverage } from "./moving-average.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import type { ParameterPolicy } from "./parameter-policy.ts";

/** Options of `trainingStep`. */
export interface StepOptions {
  readonly optimizer: Optimizer;
  /**
   * Which parameters are trained and how; undefined freezes the parameter. All are trained by default, but for buffers
   * (running statistics, fixed tables), which never are.
   */
  readonly policy?: (parameter: Value) => ParameterPolicy | undefined;
  /** Name of the scalar output to minimise. */
  readonly loss?: string;
  /** Largest global norm of the gradient; larger ones are scaled down to it. */
  readonly clipNorm?: number;
  /** Number of micro-batches whose gradients are averaged before an update. */
  readonly accumulation?: number;
  /** Keep an exponential moving average of the trained weights; the decay is fed at each step as `emaDecay`. */
  readonly ema?: boolean;
  /** Further scalar outputs of the forward graph to record: parts of the loss, accuracies. */
  readonly report?: readonly string[];
  /**
   * Compute the activations of the model's blocks again during the backward pass in place of keeping them: less memory
   * for up to a third more time. `none` by default.
   */
  readonly recomputation?: Recomputation;
  /**
   * Whether a batch normalization with frozen scale and bias goes on normalising by the batch and updating its running
   * statistics. By default it uses the statistics as they are.
   */
  readonly updateFrozenStatistics?: boolean;
}

/** The graphs of one training step. Without accumulation there is only `update`. */
export interface TrainingStep {
  /** Adds the gradients of a micro-batch to the accumulators. Undefined without accumulation. */
  readonly accumulate: { readonly graph: Graph; readonly states: readonly StateSlot[] } | undefined;
  /** Takes the last (or only) micro-batch and changes the weights. */
  readonly update: { readonly graph: Graph; readonly states: readonly StateSlot[] };
  /** Names of the trained parameters. */
  readonly trained: readonly string[];
  /** Names of the buffers that the forward pass replaces: running statistics. */
  readonly buffers: readonly string[];
  /** Tensors that start at zero: optimizer state and accumulators, by name, with the shape to allocate. */
  readonly zeroStates: ReadonlyMap<string, readonly number[]>;
  /** Averages that start as copies: name of the average to name of the parameter. */
  readonly averages: ReadonlyMap<string, string>;
  /** Scalar inputs that the update needs. */
  readonly scalarNames: readonly string[];
}

const slotName = (parameter: string, slot: string): string => `${parameter}//${slot}`;

/** Names of the average and the accumulator of a parameter. */
export const averageName = (parameter: string): string => slotName(parameter, "average");

/** Gradient accumulation: one state for each parameter, to which micro-batches add their share. */
function accumulateGraph(forward: Graph, options: StepOptions) {
  const { graph, trained, gradient, buffers } = differentiate(forward, options);
  const states = [...buffers];
  for (const parameter of trained.keys()) {
    const name = slotName(parameter.name, "accumulator");
    const share = multiply(gradient.get(parameter)!, 1 / options.accumulation!);
    graph.output(nextName(name), add(graph.input(name, "float32", parameter.shape), share));
    states.push({ read: name, write: nextName(name) });
  }
  return { graph: pruned(graph), states };
}

/**
 * Turns a forward graph with a scalar loss into the graphs of a training step: gradients, global-norm clipping,
 * optimizer and moving average, all as ONNX operators.
 *
 * The update depends on the norm of all gradients, so every reader of the old weights comes before the first write,
 * and a backend that can may overwrite weights and optimizer state in place.
 *
 * @throws VesaliusError `bad-configuration` when nothing is trained or a trained parameter does not reach the loss;
 * `not-differentiable` naming operator, node and parameter
 */
export function trainingStep(forward: Graph, options: StepOptions): TrainingStep {
  const accumulation = options.accumulation ?? 1;
  const { graph, trained, gradient, buffers } = differentiate(forward, options);
  const states = [...buffers];
  const zeroStates = new Map<string, readonly number[]>();
  const averages = new Map<string, string>();
  const scalarNames = [...Object.keys(options.optimizer.scalars(1, 1)), ...(options.ema ? ["emaDecay"] : [])];
  const scalars = Object.fromEntries(scalarNames.map((name) => [name, graph.input(name, "float32", [])]));
  const keep = (read: string, next: Value): void => {
    graph.output(nextName(read), next);
    states.push({ read, write: nextName(read) });
  };
  const state = (name: string, shape: readonly number[]): Value => {
    zeroStates.set(name, shape);
    return graph.input(name, "float32", shape);
  };
  const full = (parameter: Value): Value => {
    const last = gradient.get(parameter)!;
    if (accumulation === 1) return last;
    const name = slotName(parameter.name, "accumulator");
    const accumulator = state(name, parameter.shape);
    keep(name, multiply(accumulator, 0));
    return add(accumulator, multiply(last, 1 / accumulation));
  };
  const { optimizer } = options;
  const bundles = bundleParameters(trained, optimizer.elementWise).map((bundle) => ({
    ...bundle,
    gradient: pack(bundle.members.map(full)),
  }));
  const norm = sqrt(
    sum(bundles.map((bundle) => reduceSumSquare(bundle.gradient, undefined, { keepDimensions: false }))),
  );
  graph.output("gradientNorm", norm);
  // maxNorm / max(norm, maxNorm) is 1 for small gradients and never divides by zero. Without clipping the limit is
  // large enough never to act, and keeps the dependence of every update on every gradient.
  const limit = graph.scalar(options.clipNorm ?? 1e30);
  const coefficient = divide(limit, maximum(norm, limit));
  for (const { members, policy, gradient: raw } of bundles) {
    const keepEach = (nameOf: (parameter: string) => string, next: Value): void =>
      unpack(next, members).forEach((value, i) => keep(nameOf(members[i]!.name), value));
    const next = optimizer.update({
      parameter: pack(members),
      gradient: multiply(raw, coefficient),
      slots: optimizer.slots.map((slot) => pack(members.map(({ name, shape }) => state(slotName(name, slot), shape)))),
      scalars,
      weightDecay: policy.weightDecay ?? optimizer.weightDecay,
      learningRateScale: policy.learningRateScale ?? 1,
    });
    keepEach((name) => name, next.parameter);
    next.slots.forEach((value, i) => keepEach((name) => slotName(name, optimizer.slots[i]!), value));
    if (options.ema) {
      for (const { name } of members) averages.set(averageName(name), name);
      const average = pack(members.map(({ name, shape }) => graph.input(averageName(name), "float32", shape)));
      keepEach(averageName, movingAverage(average, next.parameter, scalars["emaDecay"]!));
    }
  }
  return {
    accumulate: accumulation === 1 ? undefined : accumulateGraph(forward, options),
    // A block is recomputed whole, and its end is often not needed again.
    update: { graph: pruned(graph), states },
    trained: [...trained.keys()].map(({ name }) => name),
    buffers: buffers.map(({ read }) => read),
    zeroStates,
    averages,
    scalarNames,
  };
}
