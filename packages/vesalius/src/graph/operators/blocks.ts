import { VesaliusError } from "../../common/errors.ts";
import { string } from "../attributes.ts";
import { emit } from "../emit.ts";
import { reshape, transpose } from "../functions/index.ts";
import { formatShape } from "../shapes.ts";
import type { TensorType } from "../../common/tensor.ts";
import type { GradientContext, Value } from "../value.ts";
import {
  type InferenceContext,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
  stringAttribute,
} from "./definition.ts";

/** `[batch, channels, height, width]` and the block size of a rearrangement. */
function blocks({ inputs, attributes, type }: InferenceContext): [Value, number] {
  const x = requireInput(inputs, 0, type);
  const size = numberAttribute(attributes, "blocksize", 0);
  if (x.rank !== 4 || size < 1)
    throw new VesaliusError("shape-mismatch", "a block rearrangement needs an image batch and a positive blocksize");
  return [x, size];
}

function result(x: Value, shape: readonly number[]): readonly TensorType[] {
  if (shape.some((extent) => !Number.isInteger(extent)))
    throw new VesaliusError("shape-mismatch", `${formatShape(x.shape)} does not divide into blocks`);
  return [{ dtype: x.dtype, shape }];
}

/** Undoes a DepthToSpace of either order; SpaceToDepth itself only knows the order "DCR". */
function depthToSpaceGradient({ node, inputs, outputGradients }: GradientContext): readonly Value[] {
  const dy = outputGradients[0]!;
  if (stringAttribute(node.attributes, "mode", "DCR") === "DCR")
    return [emit("SpaceToDepth", [dy], { blocksize: node.attributes["blocksize"]! })];
  const [batch, channels, height, width] = inputs[0]!.shape as [number, number, number, number];
  const size = numberAttribute(node.attributes, "blocksize", 1);
  const opened = reshape(dy, [batch, channels / (size * size), height, size, width, size]);
  return [reshape(transpose(opened, [0, 1, 3, 5, 2, 4]), inputs[0]!.shape)];
}

/** Rearrangement between channels and blocks of pixels. */
export const blockRearrangement: readonly OperatorDefinition[] = [
  {
    type: "DepthToSpace",
    sinceVersion: 13,
    infer: (context) => {
      const [x, size] = blocks(context);
      const [batch, channels, height, width] = x.shape as [number, number, number, number];
      return result(x, [batch, channels / (size * size), height * size, width * size]);
    },
    gradient: depthToSpaceGradient,
  },
  {
    type: "SpaceToDepth",
    sinceVersion: 13,
    infer: (context) => {
      const [x, size] = blocks(context);
      const [batch, channels, height, width] = x.shape as [number, number, number, number];
      return result(x, [batch, channels * size * size, height / size, width / size]);
    },
    gradient: ({ node, outputGradients }) => [
      emit("DepthToSpace", [outputGradients[0]], { blocksize: node.attributes["blocksize"]!, mode: string("DCR") }),
    ],
  },
];
