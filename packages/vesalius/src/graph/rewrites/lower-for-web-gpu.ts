import type { Graph } from "../graph.ts";

/** Placeholder. */
export function lowerForWebGpu(graph: Graph): Graph {
  return graph;
}
