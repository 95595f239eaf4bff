import { VesaliusError } from "../../common/errors.ts";
import { integers, type Tensor, type TensorType } from "../../common/tensor.ts";
import type { Attributes, GradientRule, Node, Value } from "../value.ts";

/** What shape inference sees. Shapes of constants are known with their elements, so Reshape and its like resolve. */
export interface InferenceContext {
  readonly type: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  /** Number of outputs that the node names; optional trailing ones may be left out. */
  readonly outputCount: number;
}

/** What folding sees of the node that it evaluates. */
export interface FoldContext {
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  /** Inferred types of the outputs. */
  readonly outputs: readonly TensorType[];
}

/** Returns the outputs of an operator on constants; undefined where it is better left to the runtime. */
export type FoldRule = (inputs: readonly (Tensor | undefined)[], context: FoldContext) => readonly Tensor[] | undefined;

/** Everything that Vesalius knows of one ONNX operator. */
export interface OperatorDefinition {
  readonly type: string;
  /** First opset of the default domain in which this form of the operator exists. */
  readonly sinceVersion: number;
  /** First opset of the form that a node has, where its operator has older forms that say the same of it. */
  readonly sinceVersionOf?: (node: Node) => number;
  /** Element type and shape of each output. */
  readonly infer: (context: InferenceContext) => readonly TensorType[];
  /** Reverse-mode rule. `"none"` marks outputs that have no derivative (comparisons, integer results). */
  readonly gradient?: GradientRule | "none";
  /**
   * Stands in for the derivative of a rounding operator, whose own is zero wherever it has one: gradients go straight
   * through (Bengio et al. 2013). Differences of its results do not show it.
   */
  readonly straightThrough?: GradientRule;
  /** Number of leading outputs that the rule differentiates; all where it is left out. */
  readonly differentiableOutputs?: number;
  /** Number of leading outputs that a node must have; all where it is left out. The others are written if they are read. */
  readonly requiredOutputs?: number;
  /** Evaluates the operator on constants; only for index arithmetic, which shape inference depends on. */
  readonly fold?: FoldRule;
  /** The fold only looks at the types of its inputs, so these need not be constant (Shape, Size). */
  readonly foldsTypes?: boolean;
  /** Builds the same result from older operators, for opsets below `sinceVersion`. */
  readonly decompose?: (inputs: readonly (Value | undefined)[], attributes: Attributes) => readonly Value[];
}

/** Integer or float attribute as a number, or the default where it is absent. */
export function numberAttribute(attributes: Attributes, name: string, fallback: number): number {
  const attribute = attributes[name];
  return attribute?.kind === "int" || attribute?.kind === "float" ? attribute.value : fallback;
}

/** List of integers or floats, or undefined where it is absent. */
export function listAttribute(attributes: Attributes, name: string): readonly number[] | undefined {
  const attribute = attributes[name];
  return attribute?.kind === "ints" || attribute?.kind === "floats" ? attribute.value : undefined;
}

/** Order of the axes that a Transpose of a value gives; without the attribute they are reversed. */
export const permutationOf = (x: Value, attributes: Attributes): readonly number[] =>
  listAttribute(attributes, "perm") ?? Array.from({ length: x.rank }, (_, i) => x.rank - 1 - i);

/** String attribute, or the default where it is absent. */
export function stringAttribute(attributes: Attributes, name: string, fallback: string): string {
  const attribute = attributes[name];
  return attribute?.kind === "string" ? attribute.value : fallback;
}

/** The input at a position, which the operator cannot do without. */
export function requireInput(inputs: readonly (Value | undefined)[], position: number, type: string): Value {
  const value = inputs[position];
  if (value === undefined) throw new VesaliusError("bad-argument", `operator ${type} needs input ${position}`);
  return value;
}

/**
 * Elements of an integer input that must be known when the graph is built (shapes, axes, pads).
 *
 * @throws VesaliusError `bad-argument` when the input is computed rather than constant.
 */
export function constantIntegers(value: Value | undefined, what: string): readonly number[] | undefined {
  if (value === undefined) return undefined;
  if (value.tensor === undefined)
    throw new VesaliusError("bad-argument", `${what} must be a constant, but it is computed`, {
      where: value.name,
      fix: "fold constants first, or bind the symbolic dimensions that it depends on",
    });
  return integers(value.tensor);
}
