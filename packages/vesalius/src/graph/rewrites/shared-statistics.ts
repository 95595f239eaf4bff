import { add, multiply, reshape } from "../functions/index.ts";
import type { Graph } from "../graph.ts";
import { epsilonOf, statisticsOver } from "../operators/channel-statistics.ts";
import { readersOf } from "../readers.ts";
import { elementCount } from "../tensor.ts";
import type { Value } from "../value.ts";
import { mergeDuplicates } from "./duplicates.ts";
import { rewrite } from "./rewrite.ts";

/**
 * Writes out instance normalizations whose gradient is in the graph too, in the terms of that gradient, and computes
 * once what both have in common, the centred input and the deviation. The engine's own kernel takes one thread.
 *
 * The result computes the same and is for running on the processor, not for export or differentiation.
 */
export function shareStatistics(graph: Graph): Graph {
  if (graph.nodes.every(({ type }) => type !== "InstanceNormalization")) return graph;
  const readers = readersOf(graph);
  const isTrained = (x: Value): boolean =>
    (readers.get(x) ?? []).some((reader) => reader?.type === "Reshape" && reader.outputs[0]!.rank === 3);
  const written = rewrite(graph, {
    forInference: true,
    node: (node, inputs) => {
      if (node.type !== "InstanceNormalization" || node.domain !== "" || !isTrained(node.inputs[0]!)) return undefined;
      const [x, scale, bias] = inputs as readonly [Value, Value, Value];
      const [batch, channels, ...extents] = x.shape as [number, number, ...number[]];
      const flat = reshape(x, [batch, channels, elementCount(extents)]);
      const { centred, inverse } = statisticsOver(flat, [2], epsilonOf(node.attributes));
      const perChannel = (parameter: Value): Value => reshape(parameter, [1, channels, 1]);
      const scaled = multiply(centred, multiply(inverse, perChannel(scale)));
      return [reshape(add(scaled, perChannel(bias)), x.shape)];
    },
  });
  return mergeDuplicates(written.graph);
}
