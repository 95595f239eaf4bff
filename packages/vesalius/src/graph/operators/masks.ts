import { emit } from "../emit.ts";
import { dataTypeOfCode, elementTypeCode } from "../onnx/data-types.ts";
import { normalizeAxis } from "../shapes.ts";
import { inferUnary } from "./elementary.ts";
import { constantIntegers, numberAttribute, type OperatorDefinition, requireInput } from "./definition.ts";

/** Operators that make or apply masks: one-hot codes, identity matrices, triangles. */
export const masks: readonly OperatorDefinition[] = [
  {
    type: "OneHot",
    sinceVersion: 11,
    infer: ({ inputs, attributes }) => {
      const [indices, depth, values] = [0, 1, 2].map((i) => requireInput(inputs, i, "OneHot"));
      const axis = normalizeAxis(numberAttribute(attributes, "axis", -1), indices!.rank + 1);
      const shape = [...indices!.shape];
      shape.splice(axis, 0, constantIntegers(depth, "the depth of a one-hot code")![0]!);
      return [{ dtype: values!.dtype, shape }];
    },
    gradient: "none",
  },
  {
    type: "EyeLike",
    sinceVersion: 9,
    infer: ({ inputs, attributes }) => {
      const { dtype, shape } = requireInput(inputs, 0, "EyeLike");
      return [{ dtype: dataTypeOfCode(numberAttribute(attributes, "dtype", elementTypeCode(dtype))), shape }];
    },
    gradient: "none",
  },
  {
    type: "Trilu",
    sinceVersion: 14,
    infer: inferUnary,
    gradient: ({ node, inputs, outputGradients }) => [
      emit("Trilu", [outputGradients[0], ...inputs.slice(1)], node.attributes),
      undefined,
    ],
  },
];
