import { runtimeExtent } from "../dynamic-shapes.ts";
import { reshape, split } from "../functions/index.ts";
import type { Graph } from "../graph.ts";
import { numberAttribute } from "../operators/definition.ts";
import { beforeReshapes, type Readers, readersOf, soleSource } from "../readers.ts";
import type { Node, Value } from "../value.ts";
import { pruned, rewrite } from "./rewrite.ts";

/** Fewest columns of a part for which a product of its own pays. */
const fewestColumns = 64;

/** The product whose columns a node splits, where its parts are better computed apart. */
function splitProduct(node: Node, readers: Readers): Node | undefined {
  const x = node.inputs[0]!;
  if (node.type !== "Split" || node.domain !== "" || x.dtype !== "float32") return undefined;
  const axis = numberAttribute(node.attributes, "axis", 0);
  if (axis !== x.rank - 1 && axis !== -1) return undefined;
  if (node.outputs.some(({ shape }) => shape.at(-1)! < fewestColumns || shape.includes(runtimeExtent)))
    return undefined;
  const product = soleSource(x, readers);
  if (product?.type !== "Gemm" || product.domain !== "") return undefined;
  const [rows, columns] = product.outputs[0]!.shape as [number, number];
  if (columns !== x.shape.at(-1)) return undefined;
  const addend = product.inputs[2];
  // Splitting the weight copies it, which pays where the result is larger.
  const pays = rows >= columns && rows >= product.inputs[1]!.shape[numberAttribute(product.attributes, "transB", 0)]!;
  return pays && (addend === undefined || addend.rank === 1) ? product : undefined;
}

/**
 * Computes what is split along its columns, as queries, keys and values are, by a product for each part: the weight is
 * split in place of the result, which is larger.
 *
 * The result computes the same and is for running on the processor, not for export or differentiation.
 */
export function splitProducts(graph: Graph): Graph {
  const readers = readersOf(graph);
  if (!graph.nodes.some((node) => splitProduct(node, readers))) return graph;
  const apart = rewrite(graph, {
    forInference: true,
    node: (node, [x]) => {
      const product = splitProduct(node, readers);
      if (product === undefined) return undefined;
      const [a, weight, bias] = beforeReshapes(x!).node!.inputs as readonly [Value, Value, Value | undefined];
      const sizes = node.outputs.map(({ shape }) => shape.at(-1)!);
      const weights = split(weight, sizes, numberAttribute(product.attributes, "transB", 0) === 1 ? 0 : 1);
      const biases = bias && split(bias, sizes, 0);
      return node.outputs.map(({ shape }, i) => {
        const inputs = [a, weights[i]!, ...(biases ? [biases[i]!] : [])];
        return reshape(a.graph.node("Gemm", inputs, { attributes: product.attributes })[0]!, shape);
      });
    },
  }).graph;
  // The whole products have no reader left.
  return pruned(apart);
}
