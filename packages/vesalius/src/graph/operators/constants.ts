import { VesaliusError } from "../../common/errors.ts";
import { elementCount, type Tensor } from "../../common/tensor.ts";
import type { Attributes } from "../value.ts";
import { constantIntegers, type OperatorDefinition, requireInput } from "./definition.ts";
import { largestFold, take } from "./fold.ts";

/** The tensor of an attribute, or undefined where it is absent. */
function tensorAttribute(attributes: Attributes, name: string): Tensor | undefined {
  const attribute = attributes[name];
  return attribute?.kind === "tensor" ? attribute.value : undefined;
}

/** The element that ConstantOfShape repeats: float32 zero where none is given. */
const repeatedElement = (attributes: Attributes): Tensor =>
  tensorAttribute(attributes, "value") ?? { dtype: "float32", shape: [1], data: Float32Array.of(0) };

/** Tensor that a Constant node holds, in whichever of its attributes. */
function constantTensor(attributes: Attributes): Tensor {
  const held = tensorAttribute(attributes, "value");
  if (held !== undefined) return held;
  for (const [name, attribute] of Object.entries(attributes))
    switch (attribute.kind) {
      case "int":
        return { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(attribute.value)) };
      case "float":
        return { dtype: "float32", shape: [], data: Float32Array.of(attribute.value) };
      case "ints":
        return { dtype: "int64", shape: [attribute.value.length], data: BigInt64Array.from(attribute.value, BigInt) };
      case "floats":
        return { dtype: "float32", shape: [attribute.value.length], data: Float32Array.from(attribute.value) };
      case "string":
        return { dtype: "string", shape: [], data: [attribute.value] };
      case "strings":
        return { dtype: "string", shape: [attribute.value.length], data: [...attribute.value] };
      default:
        throw new VesaliusError("unsupported-operator", `a constant given as "${name}" is not supported`);
    }
  throw new VesaliusError("bad-argument", "a constant needs a value");
}

/** Operators that make tensors from nothing or from a shape. */
export const constants: readonly OperatorDefinition[] = [
  {
    type: "Constant",
    sinceVersion: 13,
    infer: ({ attributes }) => {
      const { dtype, shape } = constantTensor(attributes);
      return [{ dtype, shape }];
    },
    gradient: "none",
    fold: (_inputs, { attributes }) => [constantTensor(attributes)],
  },
  {
    type: "ConstantOfShape",
    sinceVersion: 9,
    infer: ({ inputs, attributes }) => [
      {
        dtype: repeatedElement(attributes).dtype,
        shape: constantIntegers(requireInput(inputs, 0, "ConstantOfShape"), "the shape of a constant")!,
      },
    ],
    gradient: "none",
    fold: (_inputs, { attributes, outputs }) => {
      const { shape } = outputs[0]!;
      if (elementCount(shape) > largestFold) return undefined;
      const repeated = take(
        repeatedElement(attributes),
        shape,
        Array.from({ length: elementCount(shape) }, () => 0),
      );
      return repeated && [repeated];
    },
  },
];
