import { VesaliusError } from "../common/errors.ts";
import { bytesPerElement, cloneTensor, type Graph, type Tensors, zeros } from "../graph/index.ts";
import type { TrainingStep } from "./step-graph.ts";

/** Weights, optimizer state and averages as a run starts; what training changes is copied. */
export function startingState(step: TrainingStep, graph: Graph, weights: Tensors): Tensors {
  const state: Tensors = new Map();
  const changing = new Set([...step.trained, ...step.buffers]);
  for (const name of graph.parameters.keys()) {
    const given = weights.get(name);
    if (given === undefined)
      throw new VesaliusError("checkpoint-mismatch", "a parameter has no weights", { where: name });
    state.set(name, changing.has(name) ? cloneTensor(given) : given);
  }
  for (const [name, shape] of step.zeroStates) state.set(name, zeros("float32", shape));
  for (const [average, parameter] of step.averages) state.set(average, cloneTensor(weights.get(parameter)!));
  return state;
}

/** Only what training changes is saved; frozen weights come back from where they came. */
export function changingState(step: TrainingStep, state: Tensors): Tensors {
  const names = new Set([...step.trained, ...step.buffers, ...step.zeroStates.keys(), ...step.averages.keys()]);
  return new Map([...state].filter(([name]) => names.has(name)));
}

/** Weights that cannot be fed to an engine and have to stand in the model. */
export const onlyStored = (state: Tensors): Tensors =>
  new Map([...state].filter(([, { dtype }]) => bytesPerElement(dtype) === 0.5));
