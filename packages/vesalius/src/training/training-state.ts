import { VesaliusError } from "../common/errors.ts";
import { placeOf } from "../common/lazy-tensor.ts";
import { bytesPerElement, cloneTensor, type Graph, sameShape, type Tensors, zeros } from "../graph/index.ts";
import type { Checkpoint } from "./checkpoint.ts";
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

const mismatch = (what: string): VesaliusError =>
  new VesaliusError("checkpoint-mismatch", what, {
    where: "checkpoint",
    fix: "use another output folder, or delete the checkpoint to start again",
  });

/** Refuses saved tensors that are not exactly those that are expected: names, types, shapes. */
function checkTensors(saved: Tensors, expected: Tensors, what: string): void {
  const missing = [...expected.keys()].filter((name) => !saved.has(name));
  const unexpected = [...saved.keys()].filter((name) => !expected.has(name));
  const other = [...expected].filter(([name, { dtype, shape }]) => {
    const found = saved.get(name);
    return found !== undefined && (found.dtype !== dtype || !sameShape(found.shape, shape));
  });
  const listed = (kind: string, names: readonly string[]): string[] =>
    names.length === 0
      ? []
      : [`${kind} ${names.slice(0, 3).join(", ")}${names.length > 3 ? `, ... (${names.length})` : ""}`];
  const parts = [
    ...listed("without", missing),
    ...listed("with the unknown", unexpected),
    ...listed(
      "with another type or shape of",
      other.map(([name]) => name),
    ),
  ];
  if (parts.length > 0) throw mismatch(`the checkpoint does not fit this training: ${what} ${parts.join("; ")}`);
}

/**
 * Checks that a checkpoint is one of this training: it holds every tensor that training changes and no other, and its
 * progress lies within the run.
 *
 * @param state the run's own state as it starts
 * @throws VesaliusError `checkpoint-mismatch` naming tensors that are missing, unknown or of another shape
 */
export function checkCheckpoint(
  { step, stale, state: saved, best, history }: Pick<Checkpoint, "step" | "stale" | "state" | "best" | "history">,
  training: TrainingStep,
  state: Tensors,
  { totalSteps, keepsBest }: { readonly totalSteps: number; readonly keepsBest: boolean },
): void {
  checkTensors(saved, changingState(training, state), "its state is");
  if (best !== undefined && keepsBest) {
    const changing = new Set([...training.trained, ...training.buffers]);
    checkTensors(best.weights, new Map([...state].filter(([name]) => changing.has(name))), "its best weights are");
  }
  const last = history.at(-1)?.step ?? 0;
  if (step > totalSteps || last > step || (best?.step ?? 0) > step || stale > step)
    throw mismatch(`the checkpoint says step ${step}, and does not fit a training of ${totalSteps} steps`);
}

/** Weights that stand in the model in place of being fed: those that no engine takes otherwise, and those of a file. */
export const onlyStored = (state: Tensors): Tensors =>
  new Map([...state].filter(([, tensor]) => bytesPerElement(tensor.dtype) === 0.5 || placeOf(tensor) !== undefined));
