import {
  add,
  multiply,
  reciprocal,
  reduceMean,
  reduceSum,
  reshape,
  sqrt,
  square,
  subtract,
} from "../functions/index.ts";
import { normalizeAxis } from "../shapes.ts";
import { elementCount } from "../tensor.ts";
import type { GradientContext, Value } from "../value.ts";
import { type InferenceContext, numberAttribute, type OperatorDefinition, requireInput } from "./definition.ts";

function inferLayerNorm({ inputs, attributes, outputCount }: InferenceContext) {
  const x = requireInput(inputs, 0, "LayerNormalization");
  const axis = normalizeAxis(numberAttribute(attributes, "axis", -1), x.rank);
  const statistics = { dtype: "float32" as const, shape: x.shape.map((extent, i) => (i < axis ? extent : 1)) };
  return [{ dtype: x.dtype, shape: x.shape }, statistics, statistics].slice(0, outputCount);
}

/** With h = (x - mean) / deviation: dx = (dh - mean(dh) - h mean(dh h)) / deviation. */
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
  const lead = Array.from({ length: axis }, (_, i) => i);
  const epsilon = numberAttribute(node.attributes, "epsilon", 1e-5);
  const centred = subtract(x, outputs[1] ?? reduceMean(x, axes));
  const inverse = outputs[2] ?? reciprocal(sqrt(add(reduceMean(square(centred), axes), epsilon)));
  const normal = multiply(centred, inverse);
  const overLead = (value: Value, shape: readonly number[]): Value =>
    reshape(lead.length === 0 ? value : reduceSum(value, lead, { keepDimensions: false }), shape);
  let dx: Value | undefined;
  if (needed[0]) {
    const dh = multiply(dy, scale);
    const count = elementCount(axes.map((i) => x.shape[i]!));
    const projection = multiply(reduceSum(multiply(dh, normal), axes), 1 / count);
    dx = multiply(subtract(subtract(dh, reduceMean(dh, axes)), multiply(normal, projection)), inverse);
  }
  return [
    dx,
    needed[1] ? overLead(multiply(dy, normal), scale.shape) : undefined,
    bias !== undefined && needed[2] ? overLead(dy, bias.shape) : undefined,
  ];
}

/** Normalization layers. */
export const normalization: readonly OperatorDefinition[] = [
  { type: "LayerNormalization", sinceVersion: 17, infer: inferLayerNorm, gradient: layerNormGradient },
];
