import { VesaliusError } from "../../common/errors.ts";
import { cast, matMul, reduceSum, reshape } from "../functions/index.ts";
import { normalizeAxis } from "../shapes.ts";
import { elementCount, type TensorType } from "../../common/tensor.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import {
  constantIntegers,
  type InferenceContext,
  listAttribute,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
  stringAttribute,
} from "./definition.ts";
import { type AxisResampling, resamplingMatrix } from "./resampling-matrix.ts";

/** Numbers of an input that must be constant; an empty tensor counts as left out, as older exporters write it. */
const given = (value: Value | undefined): readonly number[] | undefined => {
  const numbers = constantIntegers(value, "the size of a resize");
  return numbers?.length === 0 ? undefined : numbers;
};

/** Output shape and the scale of each axis. */
function resized(
  inputs: readonly (Value | undefined)[],
  attributes: Attributes,
): { shape: number[]; scales: number[] } {
  const x = requireInput(inputs, 0, "Resize");
  const [scaleList, sizeList] = [given(inputs[2]), given(inputs[3])];
  const numbers = sizeList ?? scaleList;
  const axes = (listAttribute(attributes, "axes") ?? x.shape.map((_, i) => i)).map((axis) =>
    normalizeAxis(axis, x.rank),
  );
  if (numbers === undefined || numbers.length !== axes.length)
    throw new VesaliusError("bad-argument", `a Resize needs ${axes.length} scales or sizes`);
  const shape = [...x.shape];
  const scales = x.shape.map(() => 1);
  const policy = stringAttribute(attributes, "keep_aspect_ratio_policy", "stretch");
  const ratios = axes.map((axis, i) => (sizeList ? sizeList[i]! / x.shape[axis]! : scaleList![i]!));
  const common = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  axes.forEach((axis, i) => {
    scales[axis] = policy === "stretch" ? ratios[i]! : common;
    if (sizeList === undefined) shape[axis] = Math.floor(x.shape[axis]! * scales[axis]);
    else shape[axis] = policy === "stretch" ? sizeList[i]! : Math.round(x.shape[axis]! * common);
  });
  return { shape, scales };
}

const inferResize = ({ inputs, attributes }: InferenceContext): readonly TensorType[] => [
  { dtype: requireInput(inputs, 0, "Resize").dtype, shape: resized(inputs, attributes).shape },
];

/** Number of times in a row that each input element is repeated, or undefined where the axis is not such a repetition. */
function repetition(matrix: Float64Array, inputs: number, outputs: number): number | undefined {
  const times = outputs / inputs;
  if (!Number.isInteger(times)) return undefined;
  for (let output = 0; output < outputs; output++)
    if (matrix[output * inputs + Math.floor(output / times)] !== 1) return undefined;
  return times;
}

/** Applies the transpose of a resampling matrix along one axis. */
function transposedAlong(dy: Value, axis: number, inputs: number, resampling: AxisResampling): Value {
  const outputs = dy.shape[axis]!;
  const matrix = resamplingMatrix(inputs, outputs, resampling);
  const times = repetition(matrix, inputs, outputs);
  if (times === 1) return dy;
  const [lead, tail] = [dy.shape.slice(0, axis), dy.shape.slice(axis + 1)];
  if (times !== undefined)
    return reduceSum(reshape(dy, [...lead, inputs, times, ...tail]), [axis + 1], { keepDimensions: false });
  const data = new Float32Array(matrix.length);
  const isLast = tail.length === 0;
  // On the last axis rows times the matrix, elsewhere the transposed matrix times blocks.
  if (isLast) data.set(matrix);
  else
    for (let output = 0; output < outputs; output++)
      for (let input = 0; input < inputs; input++) data[input * outputs + output] = matrix[output * inputs + input]!;
  const shape = isLast ? [outputs, inputs] : [inputs, outputs];
  const weights = cast(dy.graph.constant({ dtype: "float32", shape, data }), dy.dtype);
  const rows = elementCount(lead);
  const product = isLast
    ? matMul(reshape(dy, [rows, outputs]), weights)
    : matMul(weights, reshape(dy, [rows, outputs, elementCount(tail)]));
  return reshape(product, [...lead, inputs, ...tail]);
}

function resizeGradient({ node, inputs, outputGradients }: GradientContext): readonly (Value | undefined)[] {
  const x = inputs[0]!;
  const { attributes } = node;
  const refuse = (what: string): never => {
    throw new VesaliusError("not-differentiable", `a Resize with ${what} has no gradient rule`, { where: node.name });
  };
  const mode = stringAttribute(attributes, "mode", "nearest") as AxisResampling["mode"];
  if (numberAttribute(attributes, "antialias", 0) === 1) refuse("antialiasing");
  const coordinates = stringAttribute(attributes, "coordinate_transformation_mode", "half_pixel");
  // Where a position falls exactly between two elements, the runtime's rounding depends on how it was compiled.
  if (mode === "nearest" && coordinates === "half_pixel_symmetric") refuse("symmetric half-pixel nearest neighbours");
  const { scales } = resized(inputs, attributes);
  const dx = x.shape.reduce(
    (dy, extent, axis) =>
      transposedAlong(dy, axis, extent, {
        mode,
        coordinates,
        nearest: stringAttribute(attributes, "nearest_mode", "round_prefer_floor"),
        cubicCoefficient: numberAttribute(attributes, "cubic_coeff_a", -0.75),
        excludeOutside: numberAttribute(attributes, "exclude_outside", 0) === 1,
        scale: scales[axis]!,
      }),
    outputGradients[0]!,
  );
  return [dx, ...inputs.slice(1).map(() => undefined)];
}

/** Resampling to another size. */
export const resize: readonly OperatorDefinition[] = [
  { type: "Resize", sinceVersion: 18, infer: inferResize, gradient: resizeGradient },
];
