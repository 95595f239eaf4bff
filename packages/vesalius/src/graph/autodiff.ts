import { VesaliusError } from "../common/errors.ts";
import { sum } from "./functions/index.ts";
import type { Graph } from "./graph.ts";
import { definitionOf } from "./registry.ts";
import { delayed, type Recomputation, recompute, segmentsOf, zeroAfter } from "./rewrites/recomputation.ts";
import { filled } from "../common/tensor.ts";
import type { Node, Value } from "./value.ts";
import { gradientRemedy } from "./gradient-remedies.ts";

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

/** Gradients as they add up: the contributions to each value that were found so far. */
class Contributions {
  readonly #parts = new Map<Value, Value[]>();
  /** Values that got a contribution since the last `settle`. */
  #touched = new Set<Value>();

  has(value: Value): boolean {
    return this.#parts.has(value);
  }

  push(value: Value, gradient: Value): void {
    const parts = this.#parts.get(value);
    if (parts === undefined) this.#parts.set(value, [gradient]);
    else parts.push(gradient);
    this.#touched.add(value);
  }

  /** The sum for a value; undefined where there is nothing. */
  total(value: Value): Value | undefined {
    const parts = this.#parts.get(value);
    if (parts === undefined) return undefined;
    const summed = sum(parts);
    this.#parts.set(value, [summed]);
    return summed;
  }

  /** Forgets which values got contributions. */
  begin(): void {
    this.#touched = new Set();
  }

  /**
   * Makes every gradient that flows further back wait for all those since `begin`, of weights too: a runtime that is free
   * to leave the gradients of the weights for later keeps all that they are computed from.
   *
   * @param inside values that were consumed since then, whose gradients are done
   */
  settle(inside: ReadonlySet<Value>): void {
    const reached = [...this.#touched].filter((value) => !inside.has(value));
    const flowing = reached.filter((value) => value.kind !== "parameter");
    if (flowing.length === 0) return;
    const zero = zeroAfter(reached.map((value) => this.total(value)!));
    for (const value of flowing) this.#parts.set(value, [delayed(this.total(value)!, zero)]);
  }
}

/** Options of `gradients`. */
export interface GradientOptions {
  /** Compute activations again in place of keeping them; `none` by default. */
  readonly recomputation?: Recomputation;
}

/**
 * Adds the nodes that compute d loss / d value for each wanted value (reverse-mode differentiation).
 *
 * The rules emit ordinary ONNX operators, so the result is one more part of the same graph. Values that the loss does
 * not depend on are missing from the result.
 *
 * @param loss scalar value, shape `[]` or with a single element
 * @param wanted values to differentiate by: parameters, inputs or anything computed
 * @throws VesaliusError `not-differentiable` naming operator, node and the parameter behind it; `bad-configuration` for
 * a recomputation of blocks where there are none
 *
 * @example
 * const [gradient] = gradients(loss, [weight]).values();
 */
export function gradients(loss: Value, wanted: readonly Value[], options: GradientOptions = {}): Map<Value, Value> {
  const graph = loss.graph;
  if (loss.shape.some((extent) => extent !== 1))
    throw new VesaliusError("shape-mismatch", `a loss must be a scalar, got shape [${loss.shape.join(", ")}]`, {
      where: loss.name,
    });
  const sources = new Set(wanted);
  const active = dependents(graph, sources);
  const found = new Contributions();
  found.push(loss, graph.constant(filled(loss.dtype, loss.shape, 1)));
  const flows = (value: Value): boolean => found.has(value) && active.has(value);
  /** Adds what a node contributes, reading the values that stand for those of the forward pass. */
  const differentiate = (node: Node, read: (value: Value) => Value): void => {
    if (!node.outputs.some(flows)) return;
    const definition = definitionOf(node.type, node.domain);
    const rule = node.gradient?.rule ?? definition?.straightThrough ?? definition?.gradient;
    if (rule === "none") return;
    const refuse = (what: string): VesaliusError =>
      new VesaliusError("not-differentiable", what, {
        where: `node ${node.name}, on the path from ${sourceOf(node, sources, active)} to the loss`,
        fix: gradientRemedy(node),
      });
    if (rule === undefined) throw refuse(`operator ${node.type} has no gradient rule`);
    const outputGradients = node.outputs.map((output) => found.total(output));
    const last = outputGradients.findLastIndex((gradient) => gradient !== undefined);
    if (node.gradient === undefined && last >= (definition?.differentiableOutputs ?? Number.POSITIVE_INFINITY))
      throw refuse(`output ${last} of operator ${node.type} has no gradient rule`);
    const needed = node.inputs.map((input) => input !== undefined && active.has(input));
    const outputs = node.outputs.map(read);
    const inputGradients = rule({
      node: outputs[0]!.node!,
      inputs: node.inputs.map((input) => input && read(input)),
      outputs,
      outputGradients,
      uses: (node.gradient?.uses ?? []).map(read),
      needed,
    });
    inputGradients.forEach((gradient, position) => {
      const input = node.inputs[position];
      if (gradient !== undefined && input !== undefined && needed[position]) found.push(input, gradient);
    });
  };
  const segments = new Map(segmentsOf(graph.nodes, options.recomputation ?? "none").map((each) => [each.end, each]));
  // The rules append nodes while this loop runs; it walks the nodes that were there before, last to first.
  for (let end = graph.nodes.length; end > 0;) {
    const { start } = segments.get(end) ?? { start: end - 1 };
    const nodes = graph.nodes.slice(start, end);
    const computed = nodes.flatMap(({ outputs }) => outputs);
    const arriving = segments.has(end) ? computed.filter(flows) : [];
    let read = (value: Value): Value => value;
    if (arriving.length > 0) {
      read = recompute(nodes, zeroAfter(arriving.map((value) => found.total(value)!)));
      found.begin();
    }
    for (const node of nodes.toReversed()) differentiate(node, read);
    if (arriving.length > 0) found.settle(new Set(computed));
    end = start;
  }
  const result = new Map<Value, Value>();
  for (const value of wanted) {
    const gradient = found.total(value);
    if (gradient !== undefined && (active.has(loss) || value === loss)) result.set(value, gradient);
  }
  return result;
}
