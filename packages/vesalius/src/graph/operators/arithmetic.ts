import { VesaliusError } from "../../common/errors.ts";
import { broadcastAxes, broadcastShapes } from "../shapes.ts";
import { elementCount, sameShape, type TensorType } from "../tensor.ts";
import type { GradientRule, Value } from "../value.ts";
import {
  cast,
  divide,
  equal,
  exp,
  log,
  matMul,
  multiply,
  negate,
  power,
  reduceSum,
  reshape,
  sign,
  square,
  subtract,
  where,
} from "../functions/index.ts";
import { emit } from "../emit.ts";
import { foldArithmetic, foldElementwise, type Scalar } from "./fold.ts";
import {
  type FoldRule,
  type InferenceContext,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
} from "./definition.ts";

/**
 * Sum over the leading axes as a product with a row of ones: the matrix kernels use all cores and the widest vectors,
 * which halves the time of the reduction kernel.
 *
 * @param x `[...leading, ...rest]`
 * @returns `[...rest]`
 */
export function sumLeading(x: Value, leading: number): Value {
  if (leading === 0) return x;
  if (x.dtype !== "float32")
    return reduceSum(
      x,
      Array.from({ length: leading }, (_, axis) => axis),
      { keepDimensions: false },
    );
  const rows = elementCount(x.shape.slice(0, leading));
  const rest = x.shape.slice(leading);
  const ones = x.graph.filled([1, rows], 1);
  return reshape(matMul(ones, reshape(x, [rows, elementCount(rest)])), rest);
}

/** Sums a gradient over the axes along which its operand was broadcast, back to the operand's shape. */
export function unbroadcast(gradient: Value, shape: readonly number[]): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const rows = gradient.rank - shape.length;
  if (rows > 0 && sameShape(gradient.shape.slice(rows), shape)) return sumLeading(gradient, rows);
  const axes = broadcastAxes(shape, gradient.shape);
  const summed = axes.length === 0 ? gradient : reduceSum(gradient, axes, { keepDimensions: false });
  return sameShape(summed.shape, shape) ? summed : reshape(summed, shape);
}

/** Type of an element-wise operator on two operands of one element type. */
export function inferBroadcast({ inputs, type }: InferenceContext): readonly TensorType[] {
  const a = requireInput(inputs, 0, type);
  const b = requireInput(inputs, 1, type);
  if (a.dtype !== b.dtype)
    throw new VesaliusError("bad-argument", `operands have different element types, ${a.dtype} and ${b.dtype}`);
  return [{ dtype: a.dtype, shape: broadcastShapes(a.shape, b.shape) }];
}

/** Type of an element-wise operator on one operand. */
export function inferUnary({ inputs, type }: InferenceContext): readonly TensorType[] {
  const { dtype, shape } = requireInput(inputs, 0, type);
  return [{ dtype, shape }];
}

function binary(
  type: string,
  gradient: (dy: Value, a: Value, b: Value, y: Value) => readonly [() => Value, () => Value],
  fold?: FoldRule,
): OperatorDefinition {
  const rule: GradientRule = ({ inputs, outputs, outputGradients, needed }) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const rules = gradient(outputGradients[0]!, a, b, outputs[0]!);
    return [
      needed[0] ? unbroadcast(rules[0](), a.shape) : undefined,
      needed[1] ? unbroadcast(rules[1](), b.shape) : undefined,
    ];
  };
  return {
    type,
    sinceVersion: 14,
    infer: inferBroadcast,
    gradient: rule,
    ...(fold ? { fold } : {}),
  };
}

function unary(
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

/** Element-wise operator on any number of operands of one element type. */
function variadic(type: string, gradient: GradientRule, fold?: FoldRule): OperatorDefinition {
  return {
    type,
    sinceVersion: 13,
    infer: ({ inputs }) => {
      const first = requireInput(inputs, 0, type);
      const shape = inputs.reduce<readonly number[]>(
        (joint, _, i) => broadcastShapes(joint, requireInput(inputs, i, type).shape),
        first.shape,
      );
      if (inputs.some((input) => input!.dtype !== first.dtype))
        throw new VesaliusError("bad-argument", "operands have different element types");
      return [{ dtype: first.dtype, shape }];
    },
    gradient,
    ...(fold ? { fold } : {}),
  };
}

/** Max and Min: the gradient goes to the first operand that reaches the extreme. */
const extremum = (type: string, behind: string, fold: FoldRule): OperatorDefinition =>
  variadic(
    type,
    ({ inputs, outputs, outputGradients, needed }) => {
      let dy = outputGradients[0]!;
      return inputs.map((input, i) => {
        const x = input!;
        const missed = emit(behind, [x, outputs[0]!]);
        const share = needed[i] ? unbroadcast(mask(emit("Not", [missed]), dy), x.shape) : undefined;
        // What this operand took is not there for the next ones.
        if (i < inputs.length - 1) dy = mask(missed, dy);
        return share;
      });
    },
    fold,
  );

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

const zeroOf = (x: Value): Value => x.graph.scalar(0, x.dtype);

const mask = (condition: Value, dy: Value): Value => multiply(dy, cast(condition, dy.dtype));

/** Element-wise arithmetic, powers, exponentials and roots. */
export const arithmetic: readonly OperatorDefinition[] = [
  binary(
    "Add",
    (dy) => [() => dy, () => dy],
    foldArithmetic(
      (a, b) => a + b,
      (a, b) => a + b,
    ),
  ),
  binary(
    "Sub",
    (dy) => [() => dy, () => negate(dy)],
    foldArithmetic(
      (a, b) => a - b,
      (a, b) => a - b,
    ),
  ),
  binary(
    "Mul",
    (dy, a, b) => [() => multiply(dy, b), () => multiply(dy, a)],
    foldArithmetic(
      (a, b) => a * b,
      (a, b) => a * b,
    ),
  ),
  // d(a / b) / db = -y / b, which reuses the result instead of squaring b.
  binary(
    "Div",
    (dy, _a, b, y) => [() => divide(dy, b), () => negate(divide(multiply(dy, y), b))],
    foldArithmetic(
      (a, b) => a / b,
      (a, b) => (b === 0n ? undefined : a / b),
    ),
  ),
  {
    // 0 ** b does not depend on b > 0, but its logarithm is infinite.
    ...binary("Pow", (dy, a, b, y) => [
      () => {
        const exponent = b.dtype === a.dtype ? b : cast(b, a.dtype);
        return multiply(dy, multiply(exponent, power(a, subtract(exponent, 1))));
      },
      () => multiply(dy, multiply(y, where(equal(a, zeroOf(a)), zeroOf(a), log(a)))),
    ]),
    // The exponent may have an element type of its own.
    infer: ({ inputs, type }) => {
      const [base, exponent] = [requireInput(inputs, 0, type), requireInput(inputs, 1, type)];
      return [{ dtype: base.dtype, shape: broadcastShapes(base.shape, exponent.shape) }];
    },
  },
  extremum(
    "Max",
    "Less",
    foldArithmetic(Math.max, (a, b) => (a > b ? a : b)),
  ),
  extremum(
    "Min",
    "Greater",
    foldArithmetic(Math.min, (a, b) => (a < b ? a : b)),
  ),
  variadic("Sum", ({ inputs, outputGradients, needed }) =>
    inputs.map((input, i) => (needed[i] ? unbroadcast(outputGradients[0]!, input!.shape) : undefined)),
  ),
  variadic("Mean", ({ inputs, outputGradients, needed }) => {
    const share = multiply(outputGradients[0]!, 1 / inputs.length);
    return inputs.map((input, i) => (needed[i] ? unbroadcast(share, input!.shape) : undefined));
  }),
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
  // fmod(a, b) = a - b trunc(a / b), which is what ONNX defines for floating-point operands.
  binary(
    "Mod",
    (dy, a, b) => [
      () => dy,
      () => {
        const quotient = divide(a, b);
        return negate(multiply(dy, multiply(sign(quotient), emit("Floor", [emit("Abs", [quotient])]))));
      },
    ],
    (inputs, context) => {
      const truncates = numberAttribute(context.attributes, "fmod", 0) === 1;
      return foldArithmetic(
        (a, b) => a % b,
        (a, b) => (b === 0n ? undefined : truncates || a % b === 0n || a < 0n === b < 0n ? a % b : (a % b) + b),
      )(inputs, context);
    },
  ),
  { type: "BitShift", sinceVersion: 11, infer: inferBroadcast, gradient: "none" },
];
