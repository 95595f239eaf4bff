import { VesaliusError } from "../common/errors.ts";
import { type Graph, gradients, rewrite, type Value } from "../graph/index.ts";
import type { StateSlot } from "../runtime/index.ts";
import { freezeStatistics } from "./frozen-statistics.ts";
import { decayMatrices, type ParameterPolicy } from "./parameter-policy.ts";
import type { StepOptions } from "./step-graph.ts";

/** A forward graph with its gradients. */
export interface Differentiated {
  readonly graph: Graph;
  readonly trained: ReadonlyMap<Value, ParameterPolicy>;
  readonly gradient: ReadonlyMap<Value, Value>;
  /** Buffers, and the outputs that replace them. */
  readonly buffers: readonly StateSlot[];
}

/** Name of the output that replaces a state. */
export const nextName = (state: string): string => `${state}.next`;

/**
 * Keeps of a forward graph what a training step needs, and adds the gradient of its loss by each trained parameter.
 *
 * @throws VesaliusError `bad-configuration` when nothing is trained or a trained parameter does not reach the loss
 */
export function differentiate(forward: Graph, options: StepOptions): Differentiated {
  const lossName = options.loss ?? "loss";
  const policy = options.policy ?? decayMatrices();
  const policyOf = (parameter: Value): ParameterPolicy | undefined =>
    parameter.isBuffer ? undefined : policy(parameter);
  const { graph: followed, frozen } =
    options.updateFrozenStatistics === true
      ? { graph: forward, frozen: new Set<string>() }
      : freezeStatistics(forward, (parameter) => policyOf(parameter) !== undefined);
  const buffers = [...followed.parameters.values()]
    .filter(({ name, isBuffer }) => isBuffer && !frozen.has(name) && followed.outputs.has(nextName(name)))
    .map(({ name }) => ({ read: name, write: nextName(name) }));
  const { graph } = rewrite(followed, {
    outputs: [lossName, ...(options.report ?? []), ...buffers.map(({ write }) => write)],
  });
  const trained = new Map<Value, ParameterPolicy>();
  for (const parameter of graph.parameters.values()) {
    const chosen = policyOf(parameter);
    if (chosen !== undefined) trained.set(parameter, chosen);
  }
  if (trained.size === 0)
    throw new VesaliusError("bad-configuration", "no parameter is trained", {
      fix: "check the patterns that name what is trained",
    });
  const { recomputation = "none" } = options;
  const gradient = gradients(graph.result(lossName), [...trained.keys()], { recomputation });
  const idle = [...trained.keys()].filter((parameter) => !gradient.has(parameter));
  if (idle.length > 0)
    throw new VesaliusError(
      "bad-configuration",
      `the loss does not depend on: ${idle.map(({ name }) => name).join(", ")}`,
      {
        fix: "freeze these parameters or remove them",
      },
    );
  return { graph, trained, gradient, buffers };
}
