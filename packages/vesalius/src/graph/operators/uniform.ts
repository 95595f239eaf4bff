import type { Value } from "../value.ts";

const shapeOnly = new Set(["Expand", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Tile", "Transpose", "Identity"]);

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/**
 * The number that every element of a value is known to be while the graph is built; undefined where they may differ. The
 * gradient of a mean is such a value, and a rule that knows the number spares a pass over a tensor of its shape.
 */
export function uniformNumber(value: Value): number | undefined {
  if (value.dtype !== "float32") return undefined;
  if (value.tensor !== undefined) {
    const data = value.tensor.data as Float32Array;
    return data.length > 0 && data.every((element) => element === data[0]) ? data[0] : undefined;
  }
  const { node } = value;
  if (node === undefined) return undefined;
  const operands = node.inputs as readonly Value[];
  if (node.type === "ConstantOfShape") {
    const fill = node.attributes["value"];
    return fill?.kind === "tensor" ? (fill.value.data[0] as number) : 0;
  }
  if (shapeOnly.has(node.type)) return uniformNumber(operands[0]!);
  if (node.type === "Neg") {
    const number = uniformNumber(operands[0]!);
    return number === undefined ? undefined : -number;
  }
  const operation = arithmetic[node.type];
  if (operation === undefined) return undefined;
  const [a, b] = [uniformNumber(operands[0]!), uniformNumber(operands[1]!)];
  return a === undefined || b === undefined ? undefined : Math.fround(operation(a, b));
}
