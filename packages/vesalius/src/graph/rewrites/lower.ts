import type { Graph } from "../graph.ts";
import { definitionOf } from "../registry.ts";
import { rewrite } from "./rewrite.ts";

/**
 * Writes operators that are younger than an opset in terms of older ones, where their definition knows how, and drops
 * what no kept output needs.
 */
export function lower(graph: Graph, opset: number, outputs?: readonly string[]): Graph {
  return rewrite(graph, {
    forInference: true,
    ...(outputs ? { outputs } : {}),
    node: (node, inputs) => {
      const definition = definitionOf(node.type, node.domain);
      if (definition?.decompose === undefined || definition.sinceVersion <= opset) return undefined;
      return definition.decompose(inputs, node.attributes);
    },
  }).graph;
}
