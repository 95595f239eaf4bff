import {
  abs,
  add,
  cast,
  exp,
  greater,
  less,
  maximum,
  minimum,
  multiply,
  sigmoid,
  softplus,
  square,
  subtract,
  tanh,
  where,
} from "../functions/index.ts";
import { broadcastShapes, formatShape } from "../shapes.ts";
import { sameShape } from "../../common/tensor.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import { VesaliusError } from "../../common/errors.ts";
import { unbroadcast } from "./broadcasting.ts";
import { inferUnary } from "./elementary.ts";
import { numberAttribute, type OperatorDefinition, requireInput } from "./definition.ts";

const constant = (x: Value, value: number): Value => x.graph.scalar(value, x.dtype);
const indicator = (condition: Value, like: Value): Value => cast(condition, like.dtype);
const isPositive = (x: Value): Value => greater(x, constant(x, 0));

function activation(
  type: string,
  sinceVersion: number,
  derivative: (x: Value, y: Value, attributes: Attributes) => Value,
): OperatorDefinition {
  return {
    type,
    sinceVersion,
    infer: inferUnary,
    gradient: ({ node, inputs, outputs, outputGradients }) => [
      multiply(outputGradients[0]!, derivative(inputs[0]!, outputs[0]!, node.attributes)),
    ],
  };
}

/** Bounds pass a gradient too: that of the elements which they hold. Elements on a bound belong to the input. */
function clipGradient({ inputs, outputGradients, needed }: GradientContext): readonly (Value | undefined)[] {
  const [x, low, high] = [inputs[0]!, inputs[1], inputs[2]];
  const dy = outputGradients[0]!;
  const below = low && indicator(less(x, low), dy);
  const above = high && indicator(greater(x, high), dy);
  const outside = below && above ? add(below, above) : (below ?? above);
  return [
    needed[0] ? (outside === undefined ? dy : multiply(dy, subtract(constant(dy, 1), outside))) : undefined,
    needed[1] ? unbroadcast(multiply(dy, below!), low!.shape) : undefined,
    needed[2] ? unbroadcast(multiply(dy, above!), high!.shape) : undefined,
  ];
}

/** max(0, min(1, slope x + offset)). */
const ramp = (x: Value, slope: number, offset: number): Value =>
  maximum(minimum(add(multiply(x, slope), offset), 1), 0);

/** 1 strictly between 0 and 1, else 0: where a ramp rises. */
const rises = (y: Value): Value => multiply(indicator(isPositive(y), y), indicator(less(y, constant(y, 1)), y));

const seluAlpha = (attributes: Attributes): number => numberAttribute(attributes, "alpha", 1.6732632423543772);
const seluGamma = (attributes: Attributes): number => numberAttribute(attributes, "gamma", 1.0507009873554805);

/** Activation functions made of pieces, and the smooth ones that came after them. */
export const piecewiseActivations: readonly OperatorDefinition[] = [
  { type: "Clip", sinceVersion: 13, infer: inferUnary, gradient: clipGradient },
  {
    type: "PRelu",
    sinceVersion: 16,
    infer: ({ inputs }) => {
      const [x, slope] = [requireInput(inputs, 0, "PRelu"), requireInput(inputs, 1, "PRelu")];
      if (!sameShape(broadcastShapes(x.shape, slope.shape), x.shape))
        throw new VesaliusError(
          "shape-mismatch",
          `a slope of shape ${formatShape(slope.shape)} does not fit the input`,
        );
      return [{ dtype: x.dtype, shape: x.shape }];
    },
    gradient: ({ inputs, outputGradients, needed }) => {
      const [x, slope] = [inputs[0]!, inputs[1]!];
      const dy = outputGradients[0]!;
      return [
        needed[0] ? multiply(dy, where(isPositive(x), constant(x, 1), slope)) : undefined,
        needed[1] ? unbroadcast(multiply(dy, minimum(x, 0)), slope.shape) : undefined,
      ];
    },
  },
  activation("HardSigmoid", 6, (_x, y, attributes) => multiply(rises(y), numberAttribute(attributes, "alpha", 0.2))),
  activation("HardSwish", 14, (x) => {
    const gate = ramp(x, 1 / 6, 0.5);
    return add(gate, multiply(multiply(x, rises(gate)), 1 / 6));
  }),
  activation("ThresholdedRelu", 10, (x, _y, attributes) =>
    indicator(greater(x, constant(x, numberAttribute(attributes, "alpha", 1))), x),
  ),
  activation("Mish", 18, (x) => {
    const gate = tanh(softplus(x));
    return add(gate, multiply(multiply(x, sigmoid(x)), subtract(constant(x, 1), square(gate))));
  }),
  // For x <= 0 the derivative gamma alpha exp(x) is y + gamma alpha.
  activation("Selu", 6, (x, y, attributes) =>
    where(isPositive(x), constant(x, seluGamma(attributes)), add(y, seluGamma(attributes) * seluAlpha(attributes))),
  ),
  activation("Celu", 12, (x, _y, attributes) =>
    exp(multiply(minimum(x, 0), 1 / numberAttribute(attributes, "alpha", 1))),
  ),
  // 1 / (1 + |x|)^2, and |y| = 1 - 1 / (1 + |x|).
  activation("Softsign", 1, (_x, y) => square(subtract(constant(y, 1), abs(y)))),
];
