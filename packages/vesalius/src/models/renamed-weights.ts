import { elementCount, type Tensor, type Tensors } from "../graph/index.ts";

/** How the weights of other code are called here. */
export interface WeightRule {
  /** The whole stored name; a named group `part` says which of `joined` it is. */
  readonly stored: RegExp;
  /** The name here, with `$1` for the first group and so on. */
  readonly own: string;
  /** Parts that are one weight here, one below the other along the first axis: queries, keys, values. */
  readonly joined?: readonly string[];
  /** Whether rows and columns are exchanged. */
  readonly turned?: boolean;
}

function turnedMatrix({ dtype, shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as [number, number];
  const moved = data.slice();
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) moved[column * rows + row] = data[row * columns + column]!;
  return { dtype, shape: [columns, rows], data: moved };
}

/** Tensors one below the other; undefined where they do not fit. */
function below(parts: readonly Tensor[]): Tensor | undefined {
  const [first] = parts as [Tensor];
  const inside = first.shape.slice(1);
  if (parts.some(({ dtype, shape }) => dtype !== first.dtype || shape.slice(1).join() !== inside.join()))
    return undefined;
  if (!(first.data instanceof Float32Array)) return undefined;
  const shape = [parts.reduce((rows, part) => rows + part.shape[0]!, 0), ...inside];
  const data = new Float32Array(elementCount(shape));
  let start = 0;
  for (const part of parts) {
    data.set(part.data as Float32Array, start);
    start += part.data.length;
  }
  return { dtype: first.dtype, shape, data };
}

/**
 * Weights of a checkpoint under the names that a network has for them, the first rule that fits. A name without a rule, a
 * part without the others, and two names for one weight stay as they are, so that comparing them with the network tells of
 * them.
 */
export function renamedWeights(stored: Tensors, rules: readonly WeightRule[]): Tensors {
  const renamed: Tensors = new Map();
  const parts = new Map<string, Map<string, string>>();
  for (const [name, tensor] of stored) {
    const rule = rules.find((one) => one.stored.test(name));
    const own = rule === undefined ? name : name.replace(rule.stored, rule.own);
    if (rule?.joined !== undefined) {
      const part = rule.stored.exec(name)!.groups!["part"]!;
      parts.set(own, (parts.get(own) ?? new Map<string, string>()).set(part, name));
      if (parts.get(own)!.size < rule.joined.length) continue;
      const whole = below(rule.joined.map((one) => stored.get(parts.get(own)!.get(one)!)!));
      if (whole === undefined) continue;
      renamed.set(own, whole);
      parts.delete(own);
      continue;
    }
    const matrix = rule?.turned === true && tensor.shape.length === 2 ? turnedMatrix(tensor) : tensor;
    renamed.set(renamed.has(own) ? name : own, matrix);
  }
  for (const names of parts.values()) for (const name of names.values()) renamed.set(name, stored.get(name)!);
  return renamed;
}
