import { einsumTerms, elementCount, type Node, numberAttribute, type Value } from "../graph/index.ts";
import type { UnnamedLayer } from "./layers.ts";
import { featuresOf, type OperandMatrix, plainMatrix } from "./operand-matrix.ts";
import { sourceOf } from "./weight-source.ts";

/** The matrix in the last two axes of an operand of MatMul, one for each entry of those before. */
const stacked = (operand: Value, inputsFirst: boolean): OperandMatrix =>
  plainMatrix(operand.shape, operand.rank - 1, inputsFirst, elementCount(operand.shape.slice(0, -2)));

/** How the weight of an Einsum is a matrix: axes that the result has not are inputs, those that others have are groups. */
function einsumMatrix(node: Node, position: number): OperandMatrix | undefined {
  const terms = einsumTerms(node);
  const own = terms?.operands[position];
  if (terms === undefined || own === undefined || new Set(own).size !== own.length) return undefined;
  const elsewhere = new Set(terms.operands.filter((_, i) => i !== position).join(""));
  const { shape } = node.inputs[position]!;
  const axes = Array.from(own, (letter, axis) => ({
    axis,
    isOut: terms.output.includes(letter),
    isShared: elsewhere.has(letter),
  }));
  const groups = axes.filter(({ isOut, isShared }) => isOut && isShared);
  const outputs = axes.filter(({ isOut, isShared }) => isOut && !isShared);
  const inputs = axes.filter(({ isOut }) => !isOut);
  if (outputs.length === 0 || inputs.length === 0) return undefined;
  const size = (some: typeof axes): number => elementCount(some.map(({ axis }) => shape[axis]!));
  return {
    order: [...groups, ...inputs, ...outputs].map(({ axis }) => axis),
    groups: size(groups),
    rows: size(inputs),
    columns: size(outputs),
    inputsFirst: true,
  };
}

/** Where the weight of a node stands among its inputs, and how it is a matrix there. */
function weightOf(node: Node): { readonly position: number; readonly matrix: OperandMatrix } | undefined {
  const weighed = node.inputs.flatMap((input, i) => (sourceOf(input) === undefined ? [] : [i]));
  const candidates = node.type === "Einsum" ? weighed : weighed.filter((i) => i < 2);
  const [position] = candidates;
  // With a weight on both sides it is not said which of them the layer's is.
  if (position === undefined || candidates.length !== 1) return undefined;
  const operand = node.inputs[position]!;
  switch (node.type) {
    case "MatMul":
      return operand.rank < 2 ? undefined : { position, matrix: stacked(operand, position === 1) };
    case "Gemm": {
      const isTransposed = numberAttribute(node.attributes, position === 0 ? "transA" : "transB", 0) === 1;
      return { position, matrix: plainMatrix(operand.shape, 1, (position === 1) !== isTransposed) };
    }
    case "ConvTranspose":
      // [in, out / groups, ...kernel], the inputs of each group one after the other
      return position !== 1
        ? undefined
        : {
            position,
            matrix: plainMatrix(operand.shape, 1, true, numberAttribute(node.attributes, "group", 1)),
          };
    case "Einsum": {
      const matrix = einsumMatrix(node, position);
      return matrix && { position, matrix };
    }
    default:
      return undefined;
  }
}

/** A layer whose weight is no matrix that rows are multiplied with: its update stands in the weight. */
export function otherProduct(node: Node): UnnamedLayer | undefined {
  const found = weightOf(node);
  if (found === undefined) return undefined;
  const { position, matrix } = found;
  const operand = node.inputs[position]!;
  const features = featuresOf(matrix);
  return {
    kind: node.type === "ConvTranspose" ? "convolution" : "linear",
    node,
    operand,
    ...sourceOf(operand)!,
    matrix,
    fanInFanOut: matrix.inputsFirst,
    operandFanInFanOut: matrix.inputsFirst,
    bias: undefined,
    hasOtherBias: node.inputs[2] !== undefined && node.type !== "Einsum",
    result: node,
    features,
  };
}
