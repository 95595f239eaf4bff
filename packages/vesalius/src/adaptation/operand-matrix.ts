import { add, elementCount, matMul, multiply, reshape, transpose, type Value } from "../graph/index.ts";

/** How an operand of any number of axes is a matrix from inputs to outputs, or one for each group. */
export interface OperandMatrix {
  /** The operand's axes in the order groups, rows, columns. */
  readonly order: readonly number[];
  readonly groups: number;
  readonly rows: number;
  readonly columns: number;
  /** Whether the rows are inputs and the columns outputs; the other way round otherwise. */
  readonly inputsFirst: boolean;
}

/** Inputs and outputs of each group. */
export const featuresOf = ({
  rows,
  columns,
  inputsFirst,
}: OperandMatrix): { readonly in: number; readonly out: number } =>
  inputsFirst ? { in: rows, out: columns } : { in: columns, out: rows };

/**
 * `scaling * B A` of each group in the shape of the operand.
 *
 * @param down `[groups * rank, in]`
 * @param up `[groups * out, rank]`
 */
export function operandUpdate(
  { down, up, scaling }: { readonly down: Value; readonly up: Value; readonly scaling: number },
  { order, groups, inputsFirst }: OperandMatrix,
  shape: readonly number[],
): Value {
  const byGroup = (x: Value): Value => reshape(x, [groups, x.shape[0]! / groups, x.shape[1]!]);
  const product = matMul(byGroup(up), byGroup(down));
  const matrices = multiply(inputsFirst ? transpose(product, [0, 2, 1]) : product, scaling);
  const ordered = reshape(
    matrices,
    order.map((axis) => shape[axis]!),
  );
  return transpose(
    ordered,
    shape.map((_, axis) => order.indexOf(axis)),
  );
}

/** An operand with the update in it; with `sign` -1 the update is taken out. */
export const updatedOperand = (
  operand: Value,
  update: Parameters<typeof operandUpdate>[0],
  matrix: OperandMatrix,
  sign: 1 | -1 = 1,
): Value => add(operand, operandUpdate({ ...update, scaling: sign * update.scaling }, matrix, operand.shape));

/** A matrix whose axes stand in the order groups, rows, columns already. */
export function plainMatrix(
  shape: readonly number[],
  rowAxes: number,
  inputsFirst: boolean,
  groups = 1,
): OperandMatrix {
  const rows = elementCount(shape.slice(0, rowAxes)) / groups;
  return { order: shape.map((_, i) => i), groups, rows, columns: elementCount(shape) / rows / groups, inputsFirst };
}
