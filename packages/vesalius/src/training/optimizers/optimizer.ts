import type { Value } from "../../graph/index.ts";

/** What an optimizer sees when it writes the update of one parameter into the graph. */
export interface UpdateContext {
  readonly parameter: Value;
  /** Gradient, already clipped and averaged; same shape as the parameter. */
  readonly gradient: Value;
  /** State tensors of this parameter, in the order of `slots`. */
  readonly slots: readonly Value[];
  /** Scalars of this step, by the names that `scalars` returns; shape `[]`. */
  readonly scalars: Readonly<Record<string, Value>>;
  readonly weightDecay: number;
  /** Multiplies the learning rate for this parameter (layer-wise decay, parameter groups). */
  readonly learningRateScale: number;
}

/**
 * An optimizer is a piece of graph: given a parameter and its gradient it returns the next parameter and the next
 * state. What changes from step to step without depending on tensors (learning rate, bias corrections) is computed in
 * double precision outside and fed as scalars.
 */
export interface Optimizer {
  readonly name: string;
  /** Names of the state tensors that each parameter has; each starts at zero, with the parameter's shape. */
  readonly slots: readonly string[];
  /** Whether each element is updated by itself, so that several parameters may be updated as one tensor. */
  readonly elementWise: boolean;
  /** Default decay for the parameters that are decayed. */
  readonly weightDecay: number;
  /** Values of the step's scalars. `step` counts from 1. */
  scalars(step: number, learningRate: number): Record<string, number>;
  /** Adds the update to the graph. */
  update(context: UpdateContext): { readonly parameter: Value; readonly slots: readonly Value[] };
}
