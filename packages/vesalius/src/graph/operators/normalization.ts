import { add, matMul, multiply, reciprocal, reduceMean, reshape, sqrt, square, subtract } from "../functions/index.ts";
import { normalizeAxis } from "../shapes.ts";
import { elementCount } from "../tensor.ts";
import type { GradientContext, Value } from "../value.ts";
import { sumLeading } from "./broadcasting.ts";
import { type InferenceContext, numberAttribute, type OperatorDefinition, requireInput } from "./definition.ts";

function inferLayerNorm({ inputs, attributes, outputCount }: InferenceContext) {
  const x = requireInput(inputs, 0, "LayerNormalization");
  const axis = normalizeAxis(numberAttribute(attributes, "axis", -1), x.rank);
  const statistics = { dtype: "float32" as const, shape: x.shape.map((extent, i) => (i < axis ? extent : 1)) };
  return [{ dtype: x.dtype, shape: x.shape }, statistics, statistics].slice(0, outputCount);
}

/**
 * With n = (x - mean) / deviation and h = dy scale: dx = (h - mean(h) - n mean(h n)) / deviation, the division carried
 * out on the row means, which are small, rather than on the result.
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
  const normal = multiply(centred, inverse);
  const weighted = multiply(dy, normal);
  let dx: Value | undefined;
  if (needed[0]) {
    const count = elementCount(scale.shape);
    const overTail = (value: Value): Value => multiply(scaledSum(value, scale, axis), multiply(inverse, 1 / count));
    const direct = multiply(multiply(dy, scale), inverse);
    dx = subtract(subtract(direct, overTail(dy)), multiply(normal, overTail(weighted)));
  }
  return [
    dx,
    needed[1] ? sumLeading(weighted, axis) : undefined,
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
