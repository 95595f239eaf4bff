import { matMul, multiply, reshape, transpose } from "../functions/index.ts";
import { runtimeExtent } from "../dynamic-shapes.ts";
import type { Graph } from "../graph.ts";
import { reducedAxes } from "../operators/reductions.ts";
import { type Readers, readersOf } from "../readers.ts";
import { elementCount, sameShape } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { rewrite } from "./rewrite.ts";

/** Shortest sum for which a product pays; each has its cost. */
const shortest = 512;
/** Fewest sums: the products of one row each are what the engine shares among its threads. */
const fewest = 8;

/** Whether a node sums the products of two values of one shape that nothing else reads, or squares. */
function sumsProducts({ type, domain, inputs }: Node, readers: Readers): boolean {
  const x = inputs[0];
  if (domain !== "" || x?.dtype !== "float32") return false;
  if (type === "ReduceSumSquare") return true;
  if ((type !== "ReduceSum" && type !== "ReduceMean") || x.node?.type !== "Mul") return false;
  const [a, b] = x.node.inputs as readonly [Value, Value];
  return readers.get(x)?.length === 1 && sameShape(a.shape, b.shape);
}

/** Rows and their length, where a reduction takes the last axes and enough of them; undefined elsewhere. */
function rowsOf({ inputs, attributes }: Node): { rows: number; length: number } | undefined {
  const [x, axes] = inputs as readonly [Value, Value | undefined];
  // Axes and extents may be known to the engine alone.
  if ((axes !== undefined && axes.tensor === undefined) || x.shape.includes(runtimeExtent)) return undefined;
  const reduced = reducedAxes(inputs, attributes).toSorted((a, b) => a - b);
  if (reduced.some((axis, i) => axis !== x.rank - reduced.length + i)) return undefined;
  const length = elementCount(x.shape.slice(x.rank - reduced.length));
  const rows = elementCount(x.shape) / length;
  return length >= shortest && rows >= fewest ? { rows, length } : undefined;
}

/**
 * Computes long sums of squares and of products along the last axes as matrix products. ONNX Runtime sums squares at a
 * fifth of the rate of its products, and products that only a sum reads need not be written to memory.
 *
 * The result computes the same and is for running on the processor, not for export or differentiation.
 */
export function sumsAsProducts(graph: Graph): Graph {
  const readers = readersOf(graph);
  if (!graph.nodes.some((node) => sumsProducts(node, readers))) return graph;
  return rewrite(graph, {
    forInference: true,
    node: (node, inputs) => {
      const size = sumsProducts(node, readers) ? rowsOf(node) : undefined;
      if (size === undefined) return undefined;
      const x = inputs[0]!;
      const [a, b] = (node.type === "ReduceSumSquare" ? [x, x] : x.node!.inputs) as readonly [Value, Value];
      const { rows, length } = size;
      const sums = matMul(reshape(a, [rows, 1, length]), transpose(reshape(b, [rows, 1, length]), [0, 2, 1]));
      const scaled = node.type === "ReduceMean" ? multiply(sums, 1 / length) : sums;
      return [reshape(scaled, node.outputs[0]!.shape)];
    },
  }).graph;
}
