import { emit } from "../emit.ts";
import {
  add,
  cast,
  divide,
  erf,
  exp,
  full,
  greater,
  hardSigmoid,
  multiply,
  negate,
  reduceSum,
  scatterElementsAdd,
  sigmoid,
  square,
  subtract,
  tanh,
} from "../functions/index.ts";
import { normalizeAxis } from "../shapes.ts";
import type { TensorType } from "../../common/tensor.ts";
import type { GradientContext, Node, Value } from "../value.ts";
import { inferUnary } from "./elementary.ts";
import { type InferenceContext, numberAttribute, type OperatorDefinition, stringAttribute } from "./definition.ts";
import { uniformNumber } from "./uniform.ts";

/**
 * 1 where x is positive, else 0. A ramp so steep that nothing which matters lies on it is one pass over memory, a
 * comparison and a cast are two.
 */
const positive = (x: Value): Value =>
  x.dtype === "float32" ? hardSigmoid(x, 1e30, 0) : cast(greater(x, x.graph.scalar(0, x.dtype)), x.dtype);

function activation(
  type: string,
  sinceVersion: number,
  derivative: (x: Value, y: Value, context: GradientContext) => Value,
): OperatorDefinition {
  return {
    type,
    sinceVersion,
    infer: inferUnary,
    gradient: (context) => [
      multiply(context.outputGradients[0]!, derivative(context.inputs[0]!, context.outputs[0]!, context)),
    ],
  };
}

/** Whether a node is a GELU by the error function, not by an approximation. */
export const isExactGelu = ({ type, domain, attributes }: Node): boolean =>
  type === "Gelu" && domain === "" && stringAttribute(attributes, "approximate", "none") === "none";

/** What a GELU and its gradient have in common: `s = x / sqrt(2)` and `2 Phi(x) = 1 + erf(s)`. */
export function gaussianTerms(x: Value): { readonly scaled: Value; readonly twiceCumulative: Value } {
  const scaled = multiply(x, Math.SQRT1_2);
  return { scaled, twiceCumulative: add(erf(scaled), 1) };
}

/**
 * dy (Phi(x) + x phi(x)). With s = x / sqrt(2) this is dy / 2 (1 + erf(s) + s exp(log(2 / sqrt(pi)) - s^2)): constants
 * are folded where they cost no pass of their own over the tensor, since each pass is bound by memory.
 */
function geluGradient(dy: Value, x: Value): Value {
  const { scaled, twiceCumulative } = gaussianTerms(x);
  const density = exp(subtract(x.graph.scalar(Math.log(2 / Math.sqrt(Math.PI))), square(scaled)));
  return multiply(multiply(dy, 0.5), add(twiceCumulative, multiply(scaled, density)));
}

/** Derivative of 0.5 x (1 + tanh(u)), u = sqrt(2/pi) (x + 0.044715 x^3). */
function geluTanhDerivative(x: Value): Value {
  const c = Math.sqrt(2 / Math.PI);
  const squared = square(x);
  const t = tanh(multiply(multiply(x, add(multiply(squared, 0.044715), 1)), c));
  const inner = multiply(x, add(multiply(squared, 3 * 0.044715 * c), c));
  const slope = multiply(inner, subtract(x.graph.scalar(1, x.dtype), square(t)));
  return multiply(add(add(t, 1), slope), 0.5);
}

function inferAlongAxis(context: InferenceContext): readonly TensorType[] {
  const [type] = inferUnary(context);
  normalizeAxis(numberAttribute(context.attributes, "axis", -1), type!.shape.length);
  return [type!];
}

const softmaxGradient = ({ node, outputs, outputGradients }: GradientContext): readonly Value[] => {
  const [y, dy] = [outputs[0]!, outputGradients[0]!];
  const weighted = multiply(dy, y);
  return [subtract(weighted, multiply(y, reduceSum(weighted, [axisOf(node, y)])))];
};

const axisOf = (node: Node, x: Value): number => normalizeAxis(numberAttribute(node.attributes, "axis", -1), x.rank);

/** dy - exp(y) sum(dy), without forming dy where it is one number of each row among zeros, as in a cross-entropy. */
function logSoftmaxGradient({ node, outputs, outputGradients }: GradientContext): readonly Value[] {
  const [y, dy] = [outputs[0]!, outputGradients[0]!];
  const axis = axisOf(node, y);
  const probabilities = exp(y);
  const picked = soleEntries(dy, axis);
  if (picked === undefined) return [subtract(dy, multiply(probabilities, reduceSum(dy, [axis])))];
  const { indices, entries } = picked;
  const number = uniformNumber(entries);
  if (number === undefined)
    return [scatterElementsAdd(multiply(probabilities, negate(entries)), indices, entries, axis)];
  // Subtracting one in place and leaving the factor to the products that follow touches the large tensor once.
  const ones = full(y.graph, entries.shape, -1);
  return [multiply(scatterElementsAdd(probabilities, indices, ones, axis), -number)];
}

/** The single entry of each row along an axis that differs from zero, for a scatter into zeros. */
function soleEntries(dy: Value, axis: number): { indices: Value; entries: Value } | undefined {
  if (dy.node?.type !== "ScatterElements") return undefined;
  if (normalizeAxis(numberAttribute(dy.node.attributes, "axis", 0), dy.rank) !== axis) return undefined;
  const [start, indices, entries] = dy.node.inputs as readonly [Value, Value, Value];
  return indices.shape[axis] === 1 && uniformNumber(start) === 0 ? { indices, entries } : undefined;
}

/** Activation functions. */
export const activations: readonly OperatorDefinition[] = [
  activation("Relu", 14, (_x, y) => positive(y)),
  activation("Sigmoid", 13, (_x, y) => multiply(y, subtract(y.graph.scalar(1, y.dtype), y))),
  activation("Tanh", 13, (_x, y) => subtract(y.graph.scalar(1, y.dtype), square(y))),
  activation("Softplus", 1, (x) => sigmoid(x)),
  activation("LeakyRelu", 16, (x, _y, { node }) => {
    const slope = numberAttribute(node.attributes, "alpha", 0.01);
    return slope >= 0 && slope <= 1 && x.dtype === "float32"
      ? hardSigmoid(positive(x), 1 - slope, slope)
      : add(multiply(positive(x), 1 - slope), slope);
  }),
  activation("Elu", 6, (x, y, { node }) => {
    // For x <= 0, d/dx alpha (exp(x) - 1) = y + alpha; for x > 0 it is 1.
    const alpha = numberAttribute(node.attributes, "alpha", 1);
    return emit("Where", [greater(x, x.graph.scalar(0, x.dtype)), x.graph.scalar(1, x.dtype), add(y, alpha)]);
  }),
  {
    type: "Gelu",
    sinceVersion: 20,
    infer: inferUnary,
    gradient: ({ node, inputs, outputGradients }) => {
      const [x, dy] = [inputs[0]!, outputGradients[0]!];
      return [isExactGelu(node) ? geluGradient(dy, x) : multiply(dy, geluTanhDerivative(x))];
    },
    // Written so that ONNX Runtime recognises the pattern and runs its fused kernel at every opset.
    decompose: ([input], attributes) => {
      const x = input!;
      if (stringAttribute(attributes, "approximate", "none") === "tanh") {
        const inner = multiply(add(x, multiply(multiply(multiply(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
        return [multiply(multiply(x, 0.5), add(tanh(inner), 1))];
      }
      return [multiply(multiply(x, add(erf(divide(x, Math.SQRT2)), 1)), 0.5)];
    },
  },
  { type: "Softmax", sinceVersion: 13, infer: inferAlongAxis, gradient: softmaxGradient },
  { type: "LogSoftmax", sinceVersion: 13, infer: inferAlongAxis, gradient: logSoftmaxGradient },
];
