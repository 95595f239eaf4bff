import { VesaliusError } from "../common/errors.ts";
import { sum } from "./functions/index.ts";
import type { Graph } from "./graph.ts";
import { definitionOf } from "./registry.ts";
import { filled } from "./tensor.ts";
import type { Node, Value } from "./value.ts";

/** Nodes with at least one input that depends on one of the sources. */
function dependents(graph: Graph, sources: ReadonlySet<Value>): Set<Value> {
  const reached = new Set(sources);
  for (const node of graph.nodes)
    if (node.inputs.some((input) => input !== undefined && reached.has(input)))
      for (const output of node.outputs) reached.add(output);
  return reached;
}

/** One parameter or input that makes a node's gradient necessary, to name in an error. */
function sourceOf(node: Node, sources: ReadonlySet<Value>, active: ReadonlySet<Value>): string {
  let current: Node | undefined = node;
  while (current !== undefined) {
    const step: Value | undefined = current.inputs.find((input) => input !== undefined && active.has(input));
    if (step === undefined) break;
    if (sources.has(step)) return step.name;
    current = step.node;
  }
  return "a trained parameter";
}

/**
 * Adds the nodes that compute d loss / d value for each wanted value (reverse-mode differentiation).
 *
 * The rules emit ordinary ONNX operators, so the result is one more part of the same graph. Values that the loss does
 * not depend on are missing from the result.
 *
 * @param loss scalar value, shape `[]` or with a single element
 * @param wanted values to differentiate by: parameters, inputs or anything computed
 * @throws VesaliusError `not-differentiable` naming operator, node and the parameter behind it
 *
 * @example
 * const [gradient] = gradients(loss, [weight]).values();
 */
export function gradients(loss: Value, wanted: readonly Value[]): Map<Value, Value> {
  const graph = loss.graph;
  if (loss.shape.some((extent) => extent !== 1))
    throw new VesaliusError("shape-mismatch", `a loss must be a scalar, got shape [${loss.shape.join(", ")}]`, {
      where: loss.name,
    });
  const sources = new Set(wanted);
  const active = dependents(graph, sources);
  const partial = new Map<Value, Value[]>();
  const total = (value: Value): Value | undefined => {
    const parts = partial.get(value);
    if (parts === undefined) return undefined;
    const summed = sum(parts);
    partial.set(value, [summed]);
    return summed;
  };
  partial.set(loss, [graph.constant(filled(loss.dtype, loss.shape, 1))]);
  // The rules append nodes while this loop runs; it walks the nodes that were there before, last to first.
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((output) => partial.has(output) && active.has(output))) continue;
    const definition = definitionOf(node.type, node.domain);
    const rule = node.gradient?.rule ?? definition?.gradient;
    if (rule === "none") continue;
    const refuse = (what: string): VesaliusError =>
      new VesaliusError("not-differentiable", what, {
        where: `node ${node.name}, on the path from ${sourceOf(node, sources, active)} to the loss`,
        fix: "freeze the parameters before this node, or replace the operator",
      });
    if (rule === undefined) throw refuse(`operator ${node.type} has no gradient rule`);
    const outputGradients = node.outputs.map(total);
    const last = outputGradients.findLastIndex((gradient) => gradient !== undefined);
    if (node.gradient === undefined && last >= (definition?.differentiableOutputs ?? Number.POSITIVE_INFINITY))
      throw refuse(`output ${last} of operator ${node.type} has no gradient rule`);
    const needed = node.inputs.map((input) => input !== undefined && active.has(input));
    const inputGradients = rule({
      node,
      inputs: node.inputs,
      outputs: node.outputs,
      outputGradients,
      uses: node.gradient?.uses ?? [],
      needed,
    });
    inputGradients.forEach((gradient, position) => {
      const input = node.inputs[position];
      if (gradient === undefined || input === undefined || !needed[position]) return;
      const parts = partial.get(input);
      if (parts === undefined) partial.set(input, [gradient]);
      else parts.push(gradient);
    });
  }
  const result = new Map<Value, Value>();
  for (const value of wanted) {
    const gradient = total(value);
    if (gradient !== undefined && (active.has(loss) || value === loss)) result.set(value, gradient);
  }
  return result;
}
