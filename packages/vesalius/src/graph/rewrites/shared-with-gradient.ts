import { add, multiply, reshape } from "../functions/index.ts";
import type { Graph } from "../graph.ts";
import { gaussianTerms, isExactGelu } from "../operators/activations.ts";
import { epsilonOf, statisticsOver } from "../operators/channel-statistics.ts";
import { readersOf } from "../readers.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { mergeDuplicates } from "./duplicates.ts";
import { rewrite } from "./rewrite.ts";

/** An operator whose gradient computes much of what the operator computes itself. */
interface Shared {
  readonly matches: (node: Node) => boolean;
  /** Whether something that reads the input is part of the gradient. */
  readonly isGradient: (reader: Node, readers: ReturnType<typeof readersOf>) => boolean;
  /** The operator in the terms of its gradient. */
  readonly written: (node: Node, inputs: readonly Value[]) => Value;
}

/** The gradient reads the centred input and the deviation too, and the engine's own kernel takes one thread. */
const instanceNormalization: Shared = {
  matches: ({ type, domain }) => type === "InstanceNormalization" && domain === "",
  isGradient: (reader) => reader.type === "Reshape" && reader.outputs[0]!.rank === 3,
  written: (node, inputs) => {
    const [x, scale, bias] = inputs as readonly [Value, Value, Value];
    const [batch, channels, ...extents] = x.shape as [number, number, ...number[]];
    const flat = reshape(x, [batch, channels, elementCount(extents)]);
    const { centred, inverse } = statisticsOver(flat, [2], epsilonOf(node.attributes));
    const perChannel = (parameter: Value): Value => reshape(parameter, [1, channels, 1]);
    const scaled = multiply(centred, multiply(inverse, perChannel(scale)));
    return reshape(add(scaled, perChannel(bias)), x.shape);
  },
};

/** The gradient reads the error function too. */
const exactGelu: Shared = {
  matches: isExactGelu,
  isGradient: (reader, readers) =>
    reader.type === "Mul" && (readers.get(reader.outputs[0]!) ?? []).some((next) => next?.type === "Erf"),
  written: (_, inputs) => {
    const { scaled, twiceCumulative } = gaussianTerms(inputs[0]!);
    return multiply(multiply(scaled, twiceCumulative), Math.SQRT1_2);
  },
};

const sharing = [instanceNormalization, exactGelu];

/**
 * Writes out operators whose gradient is in the graph too, in the terms of that gradient, and computes once what both
 * have in common.
 *
 * The result computes the same and is for running on the processor, not for export or differentiation.
 */
export function shareWithGradient(graph: Graph): Graph {
  const readers = readersOf(graph);
  const sharedBy = (node: Node): Shared | undefined => {
    const found = sharing.find(({ matches }) => matches(node));
    const isTrained = (readers.get(node.inputs[0]!) ?? []).some((each) => each && found?.isGradient(each, readers));
    return isTrained ? found : undefined;
  };
  if (!graph.nodes.some(sharedBy)) return graph;
  const written = rewrite(graph, {
    forInference: true,
    node: (node, inputs) => {
      const shared = sharedBy(node);
      return shared && [shared.written(node, inputs as readonly Value[])];
    },
  });
  return mergeDuplicates(written.graph);
}
