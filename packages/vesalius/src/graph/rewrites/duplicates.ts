import type { Graph } from "../graph.ts";
import type { Node, Value } from "../value.ts";
import { copyNode, rewrite } from "./rewrite.ts";

/** Largest constant that is compared by its content. */
const comparedElements = 16;

/** Operators whose results differ from run to run. */
const random = /^(Random|Bernoulli|Multinomial|Dropout)/;

/** Whether equal nodes give equal results; those that hold tensors or graphs of their own are left alone. */
const isComparable = ({ type, attributes }: Node): boolean =>
  !random.test(type) && Object.values(attributes).every(({ kind }) => kind !== "tensor" && kind !== "encoded");

/**
 * Computes once what several nodes compute from the same inputs with the same attributes. ONNX Runtime does so too, but
 * not with its own operators, and not with what follows them.
 *
 * The result computes the same and is for running, not for differentiation.
 */
export function mergeDuplicates(graph: Graph): Graph {
  const known = new Map<string, readonly Value[]>();
  const names = new Map<unknown, number>();
  const identity = (value: unknown): number => {
    const name = names.get(value) ?? names.size;
    names.set(value, name);
    return name;
  };
  const keyOf = (value: Value | undefined): string => {
    if (value?.tensor === undefined) return `${identity(value)}`;
    const { dtype, shape, data } = value.tensor;
    return data.length <= comparedElements ? `${dtype}[${shape.join()}]${[...data].join()}` : `${identity(data)}`;
  };
  return rewrite(graph, {
    forInference: true,
    node: (node, inputs, target) => {
      if (!isComparable(node)) return undefined;
      const { type, domain, attributes, outputs } = node;
      const key = JSON.stringify([type, domain, attributes, outputs.length, inputs.map(keyOf)]);
      const results = known.get(key) ?? copyNode(node, inputs, target);
      known.set(key, results);
      return results;
    },
  }).graph;
}
