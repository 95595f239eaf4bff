import { hasStaticShape } from "../dynamic-shapes.ts";
import type { Graph, NodeOptions } from "../graph.ts";
import { inferTypes } from "../infer-types.ts";
import { definitionOf } from "../registry.ts";
import { elementCount, type Tensors } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { type NodeRewriter, rewrite } from "./rewrite.ts";

/**
 * Evaluates a node that would be added to a graph, where its operator knows how and its inputs allow it: all of them
 * constant, or for Shape and Size any of a known type. An importer folds while it builds, because Reshape, Slice and
 * their like need constant inputs before their shape is known.
 *
 * @returns constants that stand for the outputs; undefined where the node has to be added after all
 */
export function foldNode(
  graph: Graph,
  type: string,
  inputs: readonly (Value | undefined)[],
  options: NodeOptions = {},
): readonly Value[] | undefined {
  const { attributes = {}, domain = "" } = options;
  const definition = definitionOf(type, domain);
  if (definition?.fold === undefined) return undefined;
  if (definition.foldsTypes !== true && inputs.some((input) => input !== undefined && input.tensor === undefined))
    return undefined;
  if (inputs.some((input) => input !== undefined && !hasStaticShape(input))) return undefined;
  const outputs = options.outputTypes ?? inferTypes(type, inputs, options);
  const tensors = inputs.map((input) => input?.tensor);
  return definition.fold(tensors, { inputs, attributes, outputs })?.map((tensor) => graph.constant(tensor));
}

const foldCopied = (node: Node, inputs: readonly (Value | undefined)[], target: Graph): readonly Value[] | undefined =>
  foldNode(target, node.type, inputs, {
    attributes: node.attributes,
    domain: node.domain,
    outputCount: node.outputs.length,
    outputTypes: node.outputs,
  });

/** Rewrites nodes and then drops what nothing reads any more. */
const rewriteAndPrune = (graph: Graph, node: NodeRewriter): Graph => rewrite(rewrite(graph, { node }).graph).graph;

/**
 * Replaces index arithmetic on constants and static shapes by its result, so that a chain of Shape, Gather, Concat and
 * Reshape leaves only the Reshape.
 */
export const foldConstants = (graph: Graph): Graph => rewriteAndPrune(graph, foldCopied);

/** Options of `evaluateConstants`. */
export interface EvaluationOptions {
  /** Largest number of elements of a result that is stored; larger ones stay computed. 2^20 by default. */
  readonly maximumElements?: number;
}

/** Nodes that depend on nothing but constants, and have an output that a node that does not reads, or that is kept. */
function constantFrontier(graph: Graph, maximumElements: number): Node[] {
  const fixed = new Set<Value>();
  const read = new Set<Value>(graph.outputs.values());
  for (const { inputs, outputs } of graph.nodes) {
    const isFixed = inputs.every((input) => input === undefined || input.kind === "constant" || fixed.has(input));
    if (isFixed) for (const output of outputs) fixed.add(output);
    else for (const input of inputs) if (input !== undefined) read.add(input);
  }
  return graph.nodes.filter(
    ({ outputs }) =>
      outputs.some((output) => fixed.has(output) && read.has(output)) &&
      outputs.every(({ shape }) => elementCount(shape) <= maximumElements),
  );
}

/**
 * Folds constants like `foldConstants`, and has a runtime compute what is left of expressions of constants in one run
 * (positions, masks, scaled tables), whatever their operators.
 *
 * @param evaluate runs a graph without inputs and returns its outputs by name
 */
export async function evaluateConstants(
  graph: Graph,
  evaluate: (graph: Graph) => Promise<Tensors>,
  options: EvaluationOptions = {},
): Promise<Graph> {
  const folded = foldConstants(graph);
  const frontier = constantFrontier(folded, options.maximumElements ?? 2 ** 20);
  if (frontier.length === 0) return folded;
  const { graph: copy, values } = rewrite(folded);
  const names = new Map<Value, string>();
  for (const output of frontier.flatMap(({ outputs }) => outputs)) {
    names.set(output, `folded constant ${names.size}`);
    copy.output(names.get(output)!, values.get(output)!);
  }
  const results = await evaluate(rewrite(copy, { outputs: [...names.values()] }).graph);
  const replaced = new Set(frontier);
  return rewriteAndPrune(folded, (node, _inputs, target) =>
    replaced.has(node) ? node.outputs.map((output) => target.constant(results.get(names.get(output)!)!)) : undefined,
  );
}
