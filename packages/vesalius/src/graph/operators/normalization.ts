import { add, matMul, multiply, reciprocal, reduceMean, reshape, sqrt, square, subtract } from "../functions/index.ts";
import { normalizeAxis } from "../shapes.ts";
import { elementCount } from "../../common/tensor.ts";
import type { GradientContext, Value } from "../value.ts";
import { sumLeading, weightedRows } from "./broadcasting.ts";
import { type InferenceContext, numberAttribute, type OperatorDefinition, requireInput } from "./definition.ts";

function inferLayerNorm({ inputs, attributes, outputCount }: InferenceContext) {
  const x = requireInput(inputs, 0, "LayerNormalization");
  const axis = normalizeAxis(numberAttribute(attributes, "axis", -1), x.rank);
  const statistics = { dtype: "float32" as const, shape: x.shape.map((extent, i) => (i < axis ? extent : 1)) };
  return [{ dtype: x.dtype, shape: x.shape }, statistics, statistics].slice(0, outputCount);
}

/**
 * With c = x - mean, r = 1 / deviation and h = dy scale, over a row of n: dx = r h - r sum(h) / n - c r^3 sum(h c) / n.
 * Factors of whole rows are multiplied with the row sums, which are small, and the gradient of the scale is a product
 * with the row r, so that nothing is normalised a second time.
 */
function layerNormGradient({
  node,
  inputs,
  outputs,
  outputGradients,
  needed,
}: GradientContext): readonly (Value | undefined)[] {
  const [x, scale, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
  const dy = outputGradients[0]!;
  const axis = normalizeAxis(numberAttribute(node.attributes, "axis", -1), x.rank);
  const axes = Array.from({ length: x.rank - axis }, (_, i) => axis + i);
  const epsilon = numberAttribute(node.attributes, "epsilon", 1e-5);
  const centred = subtract(x, outputs[1] ?? reduceMean(x, axes));
  const inverse = outputs[2] ?? reciprocal(sqrt(add(reduceMean(square(centred), axes), epsilon)));
  const product = multiply(dy, centred);
  let dx: Value | undefined;
  if (needed[0]) {
    const share = multiply(inverse, 1 / elementCount(scale.shape));
    const mean = multiply(scaledSum(dy, scale, axis), share);
    const slope = multiply(multiply(scaledSum(product, scale, axis), share), square(inverse));
    dx = subtract(subtract(multiply(multiply(dy, scale), inverse), multiply(centred, slope)), mean);
  }
  return [
    dx,
    needed[1] ? weightedRows(inverse, product, axis) : undefined,
    bias !== undefined && needed[2] ? sumLeading(dy, axis) : undefined,
  ];
}

/**
 * Sum of `value * scale` over the normalised axes, as a product of a matrix and a vector that never forms the products.
 *
 * @returns `[...leading, 1, ...]`
 */
function scaledSum(value: Value, scale: Value, axis: number): Value {
  const lead = value.shape.slice(0, axis);
  const count = elementCount(scale.shape);
  const sums = matMul(reshape(value, [elementCount(lead), count]), reshape(scale, [count, 1]));
  return reshape(sums, [...lead, ...scale.shape.map(() => 1)]);
}

/** Normalization layers. */
export const normalization: readonly OperatorDefinition[] = [
  {
    type: "LayerNormalization",
    sinceVersion: 17,
    infer: inferLayerNorm,
    gradient: layerNormGradient,
    differentiableOutputs: 1,
    requiredOutputs: 1,
  },
];
