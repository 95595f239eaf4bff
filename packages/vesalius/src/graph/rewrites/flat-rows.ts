import { int } from "../attributes.ts";
import { runtimeExtent } from "../dynamic-shapes.ts";
import { reshape } from "../functions/index.ts";
import type { Graph } from "../graph.ts";
import { numberAttribute } from "../operators/definition.ts";
import { elementCount, sameShape } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { pruned, rewrite } from "./rewrite.ts";

/** Operators on single elements, which broadcast. */
const elementWise =
  /^(Add|Sub|Mul|Div|Neg|Abs|Sqrt|Reciprocal|Exp|Log|Erf|Relu|HardSigmoid|Sigmoid|Tanh|Gelu|Softplus)$/;

/** Whether a node computes each row of the last axis by itself. */
const isRowWise = ({ type, domain, attributes }: Node, rank: number): boolean =>
  domain === "" &&
  (elementWise.test(type) ||
    (type === "LayerNormalization" && [-1, rank - 1].includes(numberAttribute(attributes, "axis", -1))));

/** The rows of a value as a matrix, where it has the given leading axes; itself where it is one row for all of them. */
function flat(x: Value, lead: readonly number[]): Value | undefined {
  if (x.rank < 2) return x;
  return sameShape(x.shape.slice(0, -1), lead) ? reshape(x, [elementCount(lead), x.shape.at(-1)!]) : undefined;
}

/** Whether a value was a matrix before its rows got further axes. */
const wasFlat = (x: Value, lead: readonly number[]): boolean =>
  x.node?.type === "Reshape" &&
  sameShape(x.shape.slice(0, -1), lead) &&
  sameShape(x.node.inputs[0]!.shape, [elementCount(lead), x.shape.at(-1)!]);

/**
 * Computes on matrices what is row by row between matrix products, and leaves out the changes of shape in between. Each
 * costs a call of the engine, and a layer has a dozen.
 *
 * The result computes the same and is for running, not for export or differentiation.
 */
export function flattenRows(graph: Graph): Graph {
  const flattened = rewrite(graph, {
    forInference: true,
    node: (node, inputs, target) => {
      const { shape, rank } = node.outputs[0]!;
      if (shape.includes(runtimeExtent)) return undefined;
      if (node.type === "Reshape" && node.domain === "") return [reshape(inputs[0]!, shape)];
      if (rank < 3 || !isRowWise(node, rank)) return undefined;
      const lead = shape.slice(0, -1);
      if (!inputs.some((input) => input && wasFlat(input, lead))) return undefined;
      const matrices = inputs.map((input) => input && flat(input, lead));
      if (matrices.some((matrix, i) => matrix === undefined && inputs[i] !== undefined)) return undefined;
      const { axis, ...rest } = node.attributes;
      const results = target.node(node.type, matrices, {
        attributes: axis === undefined ? rest : { ...rest, axis: int(-1) },
        outputCount: node.outputs.length,
      });
      return results.map((result, i) => reshape(result, node.outputs[i]!.shape));
    },
  }).graph;
  return pruned(flattened);
}
