import { emit, type Graph, rewrite, type Value } from "../graph/index.ts";

/** The stored statistics behind those that a node is given: its own parameter, before any update or copy. */
function storedBehind(value: Value): Value | undefined {
  let current: Value | undefined = value;
  while (current?.node !== undefined) current = current.node.inputs[0];
  return current?.kind === "parameter" ? current : undefined;
}

/**
 * Lets every batch normalization whose scale and bias are both frozen use its running statistics and leave them as they
 * are, as a frozen layer does in PyTorch's evaluation mode. Otherwise a network whose weights are all frozen would still
 * change with the batches that it sees.
 *
 * @param isTrained whether a parameter is trained
 * @returns the graph, and the names of the statistics that it no longer replaces
 */
export function freezeStatistics(
  graph: Graph,
  isTrained: (parameter: Value) => boolean,
): { readonly graph: Graph; readonly frozen: ReadonlySet<string> } {
  const frozen = new Set<string>();
  const rewritten = rewrite(graph, {
    node: (node, inputs, target) => {
      if (node.type !== "BatchNormalization" || node.attributes["training_mode"]?.value !== 1) return undefined;
      const [, scale, bias, mean, variance] = node.inputs as readonly Value[];
      if ([scale!, bias!].some((parameter) => parameter.kind === "parameter" && isTrained(parameter))) return undefined;
      const stored = [mean!, variance!].map(storedBehind);
      if (stored.includes(undefined)) return undefined;
      for (const { name } of stored as Value[]) frozen.add(name);
      const used = stored.map((parameter) => target.parameters.get(parameter!.name)!);
      const { training_mode: _trains, momentum: _momentum, ...attributes } = node.attributes;
      return [emit("BatchNormalization", [...inputs.slice(0, 3), ...used], attributes), ...used];
    },
  });
  return { graph: rewritten.graph, frozen };
}
