import { Graph } from "../graph.ts";
import type { CustomGradient, Node, Value } from "../value.ts";

/**
 * Replaces one node. It gets the node as it was and its inputs in the new graph, and returns the outputs that stand
 * for the old ones; undefined keeps the node as it is.
 */
export type NodeRewriter = (
  node: Node,
  inputs: readonly (Value | undefined)[],
  target: Graph,
) => readonly Value[] | undefined;

/** Options of `rewrite`. */
export interface RewriteOptions {
  readonly node?: NodeRewriter;
  /** Stands a value of the new graph in for a parameter; undefined keeps the parameter. */
  readonly parameter?: (parameter: Value, target: Graph) => Value | undefined;
  /** Outputs to keep; all where it is left out. What only the others need is dropped. */
  readonly outputs?: readonly string[];
  /** Drop gradient rules of single nodes, and what only they read. */
  readonly forInference?: boolean;
  /** Keep parameters that no kept node reads. */
  readonly keepUnusedParameters?: boolean;
}

/** A rewritten graph and where the old values went. */
export interface Rewritten {
  readonly graph: Graph;
  /** New value for each old one that survived. */
  readonly values: ReadonlyMap<Value, Value>;
}

/** Every value that the outputs depend on; with `gradients` also what the nodes' own gradient rules read. */
export function ancestors(outputs: Iterable<Value>, gradients = false): Set<Value> {
  const seen = new Set<Value>();
  const open = [...outputs];
  while (open.length > 0) {
    const value = open.pop()!;
    if (seen.has(value)) continue;
    seen.add(value);
    const node = value.node;
    for (const input of [...(node?.inputs ?? []), ...(gradients ? (node?.gradient?.uses ?? []) : [])])
      if (input !== undefined && !seen.has(input)) open.push(input);
  }
  return seen;
}

/** Adds a parameter like another one to a graph. */
function copyParameter({ name, shape, initializer, dtype, isBuffer }: Value, target: Graph): Value {
  return isBuffer
    ? target.buffer(name, shape, initializer!, dtype)
    : target.parameter(name, shape, initializer!, dtype);
}

/** Copies a node into another graph under its own names where these are free; a gradient of its own is given anew. */
export function copyNode(
  node: Node,
  inputs: readonly (Value | undefined)[],
  target: Graph,
  gradient?: CustomGradient,
): readonly Value[] {
  const outputNames = node.outputs.map(({ name }) => name);
  const version = node.outputs[0]?.graph.opsets.get(node.domain);
  if (version !== undefined) target.requireOpset(node.domain, version);
  const free = outputNames.every((name) => !target.hasName(name));
  return target.node(node.type, inputs, {
    attributes: node.attributes,
    domain: node.domain,
    outputCount: node.outputs.length,
    outputTypes: node.outputs,
    ...(free ? { name: node.name, outputNames } : {}),
    ...(gradient ? { gradient } : {}),
  });
}

/**
 * Copies a graph node by node, replacing what the rewriters want replaced. Everything that changes graphs (lowering,
 * freezing, LoRA, new heads, merging) goes through here. Nodes that no kept output needs are left out.
 */
export function rewrite(graph: Graph, options: RewriteOptions = {}): Rewritten {
  const target = new Graph(graph.name);
  const values = new Map<Value, Value>();
  const kept = options.outputs ?? [...graph.outputs.keys()];
  const live = ancestors(
    kept.map((name) => graph.result(name)),
    options.forInference !== true,
  );
  for (const input of graph.inputs.values())
    if (live.has(input)) values.set(input, target.input(input.name, input.dtype, input.shape, input.random));
  for (const parameter of graph.parameters.values()) {
    if (!live.has(parameter) && options.keepUnusedParameters !== true) continue;
    const replaced = options.parameter?.(parameter, target);
    values.set(parameter, replaced ?? copyParameter(parameter, target));
  }
  const translate = (value: Value | undefined): Value | undefined => {
    if (value === undefined) return undefined;
    const known = values.get(value);
    if (known !== undefined) return known;
    const constant = target.constant(value.tensor!);
    values.set(value, constant);
    return constant;
  };
  const gradientOf = ({ gradient }: Node): CustomGradient | undefined =>
    gradient === undefined || options.forInference === true
      ? undefined
      : { rule: gradient.rule, uses: (gradient.uses ?? []).map((value) => translate(value)!) };
  for (const node of graph.nodes) {
    if (!node.outputs.some((output) => live.has(output))) continue;
    const inputs = node.inputs.map(translate);
    const outputs = target.block(
      node.block,
      () =>
        target.scope(node.name, () => options.node?.(node, inputs, target)) ??
        copyNode(node, inputs, target, gradientOf(node)),
    );
    node.outputs.forEach((output, i) => {
      if (outputs[i] !== undefined) values.set(output, outputs[i]);
    });
  }
  for (const name of kept) target.output(name, translate(graph.result(name))!);
  return { graph: target, values };
}

/** A graph for running alone, without what no output needs. */
export const pruned = (graph: Graph): Graph => rewrite(graph, { forInference: true }).graph;

/** Rewrites nodes of ONNX's own operators by a rule for their type, in a graph that is ready to run. */
export const rewriteByType = (graph: Graph, rules: ReadonlyMap<string, NodeRewriter>): Graph =>
  rewrite(graph, {
    forInference: true,
    node: (node, inputs, target) => (node.domain === "" ? rules.get(node.type)?.(node, inputs, target) : undefined),
  }).graph;
