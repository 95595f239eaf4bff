import { VesaliusError } from "../../common/errors.ts";
import { emit } from "../emit.ts";
import { cast, divide, equal, log, multiply, negate, power, sign, subtract, where } from "../functions/index.ts";
import { broadcastShapes } from "../shapes.ts";
import type { GradientRule, Value } from "../value.ts";
import { inferBroadcast, unbroadcast } from "./broadcasting.ts";
import { type FoldRule, numberAttribute, type OperatorDefinition, requireInput } from "./definition.ts";
import { foldArithmetic } from "./fold.ts";

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

const zeroOf = (x: Value): Value => x.graph.scalar(0, x.dtype);

const mask = (condition: Value, dy: Value): Value => multiply(dy, cast(condition, dy.dtype));

/** Element-wise arithmetic on two or more operands. */
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
