import { cast, type Node, permutationOf, reshape, transpose, type Value } from "../graph/index.ts";

/** Where a layer's matrix comes from. */
export interface WeightSource {
  /** The tensor that is stored: a parameter, or a quantised constant. */
  readonly weight: Value;
  /** The nodes that make the layer's operand of it, from the weight on. */
  readonly path: readonly Node[];
}

/** Changes of shape that leave the order of the elements. */
const reshaping: ReadonlySet<string> = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze"]);
/** What hands a weight on in another form. */
const passing: ReadonlySet<string> = new Set([
  "Identity",
  "Cast",
  "Transpose",
  "QuantizeLinear",
  "DequantizeLinear",
  ...reshaping,
]);

/** Whether a node hands on what it reads first, in another form. */
export const passesOn = (node: Node): boolean => node.domain === "" && passing.has(node.type);

const isQuantized = (path: readonly Node[]): boolean => path.some(({ type }) => type === "DequantizeLinear");

/** The stored weight behind an operand; undefined where there is none, or where more is done with it. */
export function sourceOf(operand: Value | undefined): WeightSource | undefined {
  const path: Node[] = [];
  let value = operand;
  while (value?.node !== undefined && passesOn(value.node) && value.node.gradient === undefined) {
    path.unshift(value.node);
    value = value.node.inputs[0];
  }
  if (value?.kind === "parameter") return { weight: value, path };
  // Integers are no parameters when they are read; what they stand for is a weight all the same.
  return value?.kind === "constant" && isQuantized(path) ? { weight: value, path } : undefined;
}

/** Whether a changed operand can be stored in place of the weight: everything between them can be undone. */
export const isStorable = ({ path }: Pick<WeightSource, "path">): boolean => !isQuantized(path);

/** What a path makes of a weight. */
export const alongPath = (weight: Value, path: readonly Node[]): Value =>
  path.reduce((value, { type, attributes, inputs, outputs }) => {
    if (type === "Cast") return cast(value, outputs[0]!.dtype);
    if (type === "Transpose") return transpose(value, permutationOf(inputs[0]!, attributes));
    return reshaping.has(type) ? reshape(value, outputs[0]!.shape) : value;
  }, weight);

/** The weight of which a path makes an operand. */
export const againstPath = (operand: Value, path: readonly Node[]): Value =>
  path.reduceRight((value, { type, attributes, inputs }) => {
    const source = inputs[0]!;
    if (type === "Cast") return cast(value, source.dtype);
    if (type === "Transpose") {
      const order = permutationOf(source, attributes);
      return transpose(
        value,
        order.map((_, axis) => order.indexOf(axis)),
      );
    }
    return reshaping.has(type) ? reshape(value, source.shape) : value;
  }, operand);

/** Whether a path turns a matrix, all in all; what it does to other shapes does not count as turning. */
export const isTurned = (path: readonly Node[]): boolean =>
  path.filter(
    ({ type, attributes, inputs }) =>
      type === "Transpose" && inputs[0]!.rank === 2 && permutationOf(inputs[0]!, attributes)[0] === 1,
  ).length %
    2 ===
  1;
