import { divide, exp, multiply, negate, sign, square } from "../functions/index.ts";
import type { TensorType } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { type InferenceContext, type OperatorDefinition, requireInput } from "./definition.ts";
import { foldElementwise, type Scalar } from "./fold.ts";

/** Type of an element-wise operator on one operand. */
export function inferUnary({ inputs, type }: InferenceContext): readonly TensorType[] {
  const { dtype, shape } = requireInput(inputs, 0, type);
  return [{ dtype, shape }];
}

/** Element-wise function, from its derivative times the incoming gradient. */
export function unary(
  type: string,
  sinceVersion: number,
  gradient: (dy: Value, x: Value, y: Value) => Value,
  fold?: (x: Scalar) => Scalar | undefined,
): OperatorDefinition {
  return {
    type,
    sinceVersion,
    infer: inferUnary,
    gradient: ({ inputs, outputs, outputGradients }) => [gradient(outputGradients[0]!, inputs[0]!, outputs[0]!)],
    ...(fold ? { fold: foldElementwise(([x]) => fold(x!)) } : {}),
  };
}

/** Piecewise constant function: its derivative is 0 wherever it has one. */
const step = (type: string, compute: (x: number) => number): OperatorDefinition => ({
  type,
  sinceVersion: 13,
  infer: inferUnary,
  gradient: "none",
  fold: foldElementwise(([x]) => (typeof x === "number" ? compute(x) : undefined)),
});

function roundHalfToEven(x: number): number {
  const down = Math.floor(x);
  return x - down === 0.5 ? 2 * Math.round(down / 2) : Math.round(x);
}

/** Functions of single elements: powers, roots, exponentials, rounding. */
export const elementary: readonly OperatorDefinition[] = [
  unary(
    "Neg",
    13,
    (dy) => negate(dy),
    (x) => -x,
  ),
  unary("Exp", 13, (dy, _x, y) => multiply(dy, y)),
  unary("Log", 13, (dy, x) => divide(dy, x)),
  unary(
    "Sqrt",
    13,
    (dy, _x, y) => divide(multiply(dy, 0.5), y),
    (x) => (typeof x === "number" ? Math.sqrt(x) : undefined),
  ),
  unary("Reciprocal", 13, (dy, _x, y) => negate(multiply(dy, multiply(y, y)))),
  unary(
    "Abs",
    13,
    (dy, x) => multiply(dy, sign(x)),
    (x) => (x < 0 ? -x : x),
  ),
  unary("Erf", 13, (dy, x) => multiply(dy, multiply(exp(negate(square(x))), 2 / Math.sqrt(Math.PI)))),
  step("Sign", (x) => (x > 0 ? 1 : x < 0 ? -1 : 0)),
  step("Floor", Math.floor),
  step("Ceil", Math.ceil),
  step("Round", roundHalfToEven),
];
