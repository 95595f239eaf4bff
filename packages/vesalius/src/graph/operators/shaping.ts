import { VesaliusError } from "../../common/errors.ts";
import { reduceSum, reshape, transpose } from "../functions/index.ts";
import { broadcastShapes, formatShape, normalizeAxis } from "../shapes.ts";
import { elementCount } from "../../common/tensor.ts";
import type { GradientContext, Value } from "../value.ts";
import { unbroadcast } from "./broadcasting.ts";
import { inferUnary } from "./elementary.ts";
import {
  constantIntegers,
  type FoldRule,
  type InferenceContext,
  listAttribute,
  numberAttribute,
  type OperatorDefinition,
  permutationOf,
  requireInput,
} from "./definition.ts";
import { broadcastPositions, foldPositions, gridPositions, offsets, strides } from "./fold.ts";

const reshapeGradient = ({ inputs, outputGradients }: GradientContext): readonly (Value | undefined)[] => [
  reshape(outputGradients[0]!, inputs[0]!.shape),
  ...inputs.slice(1).map(() => undefined),
];

const keepData: FoldRule = ([x], { outputs }) => [{ ...x!, shape: outputs[0]!.shape }];

function reshaping(
  type: string,
  sinceVersion: number,
  shapeOf: (x: Value, context: InferenceContext) => readonly number[],
): OperatorDefinition {
  return {
    type,
    sinceVersion,
    infer: (context) => {
      const x = requireInput(context.inputs, 0, type);
      const shape = shapeOf(x, context);
      if (elementCount(shape) !== elementCount(x.shape))
        throw new VesaliusError(
          "shape-mismatch",
          `${formatShape(x.shape)} does not hold as many elements as ${formatShape(shape)}`,
        );
      return [{ dtype: x.dtype, shape }];
    },
    gradient: reshapeGradient,
    fold: keepData,
  };
}

/** Axes given as an input (opset 13 and later) or as an attribute. */
const axesOf = ({ inputs, attributes }: InferenceContext): readonly number[] | undefined =>
  listAttribute(attributes, "axes") ?? constantIntegers(inputs[1], "the axes");

function requestedShape(x: Value, { inputs, attributes }: InferenceContext): readonly number[] {
  const request = constantIntegers(requireInput(inputs, 1, "Reshape"), "the shape of a reshape")!;
  const keepZero = numberAttribute(attributes, "allowzero", 0) === 1;
  const shape = request.map((extent, axis) => (extent === 0 && !keepZero ? x.shape[axis]! : extent));
  const open = shape.indexOf(-1);
  if (open >= 0) shape[open] = elementCount(x.shape) / elementCount(shape.filter((_, axis) => axis !== open));
  return shape;
}

/** Operators that give the same elements another shape, order or number of copies. */
export const shaping: readonly OperatorDefinition[] = [
  reshaping("Reshape", 14, requestedShape),
  reshaping("Flatten", 13, (x, { attributes }) => {
    const axis = numberAttribute(attributes, "axis", 1);
    const cut = axis < 0 ? axis + x.rank : axis;
    return [elementCount(x.shape.slice(0, cut)), elementCount(x.shape.slice(cut))];
  }),
  reshaping("Squeeze", 13, (x, context) => {
    const axes = axesOf(context)?.map((axis) => normalizeAxis(axis, x.rank));
    return x.shape.filter((extent, i) => (axes === undefined ? extent !== 1 : !axes.includes(i)));
  }),
  reshaping("Unsqueeze", 13, (x, context) => {
    const given = axesOf(context) ?? [];
    const rank = x.rank + given.length;
    const axes = given.map((axis) => normalizeAxis(axis, rank));
    const rest = [...x.shape];
    return Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!));
  }),
  {
    type: "Identity",
    sinceVersion: 16,
    infer: inferUnary,
    gradient: ({ outputGradients }) => [outputGradients[0]],
    fold: keepData,
  },
  {
    type: "Transpose",
    sinceVersion: 13,
    fold: foldPositions((x, { attributes }) => {
      const stride = strides(x.shape);
      return gridPositions(permutationOf(x, attributes).map((axis) => offsets(x.shape[axis]!, stride[axis]!)));
    }),
    infer: ({ inputs, attributes }) => {
      const x = requireInput(inputs, 0, "Transpose");
      const permutation = permutationOf(x, attributes);
      if (permutation.length !== x.rank || new Set(permutation).size !== x.rank)
        throw new VesaliusError("bad-argument", `${formatShape(permutation)} is no permutation of ${x.rank} axes`);
      return [{ dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis]!) }];
    },
    gradient: ({ node, inputs, outputGradients }) => {
      const inverse: number[] = [];
      permutationOf(inputs[0]!, node.attributes).forEach((axis, i) => (inverse[axis] = i));
      return [transpose(outputGradients[0]!, inverse)];
    },
  },
  {
    type: "Expand",
    sinceVersion: 13,
    fold: foldPositions((x, { outputs }) => broadcastPositions(x.shape, outputs[0]!.shape)),
    infer: ({ inputs }) => {
      const x = requireInput(inputs, 0, "Expand");
      const shape = constantIntegers(requireInput(inputs, 1, "Expand"), "the shape of an expansion")!;
      return [{ dtype: x.dtype, shape: broadcastShapes(x.shape, shape) }];
    },
    gradient: ({ inputs, outputGradients }) => [unbroadcast(outputGradients[0]!, inputs[0]!.shape), undefined],
  },
  {
    type: "Tile",
    sinceVersion: 13,
    fold: foldPositions((x, { outputs }) => {
      const stride = strides(x.shape);
      return gridPositions(
        outputs[0]!.shape.map((extent, i) =>
          Array.from({ length: extent }, (_, position) => (position % x.shape[i]!) * stride[i]!),
        ),
      );
    }),
    infer: ({ inputs }) => {
      const x = requireInput(inputs, 0, "Tile");
      const repeats = constantIntegers(requireInput(inputs, 1, "Tile"), "the repeats of a tile")!;
      if (repeats.length !== x.rank) throw new VesaliusError("shape-mismatch", "a tile needs one count for each axis");
      return [{ dtype: x.dtype, shape: x.shape.map((extent, i) => extent * repeats[i]!) }];
    },
    gradient: ({ inputs, outputs, outputGradients }) => {
      const x = inputs[0]!;
      const interleaved = x.shape.flatMap((extent, i) => [outputs[0]!.shape[i]! / extent, extent]);
      const axes = x.shape.map((_, i) => 2 * i);
      return [reduceSum(reshape(outputGradients[0]!, interleaved), axes, { keepDimensions: false }), undefined];
    },
  },
];
