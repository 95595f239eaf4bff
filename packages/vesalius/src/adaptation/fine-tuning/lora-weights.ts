import {
  add,
  divide,
  elementCount,
  emit,
  float,
  int,
  matMul,
  multiply,
  reduceSumSquare,
  reshape,
  sqrt,
  subtract,
  type Value,
} from "../../graph/index.ts";

/** The update of one weight in a graph. */
export interface LoraUpdate {
  /** `[rank, in]`, for a convolution `[groups * rank, in / groups, ...kernel]`. */
  readonly down: Value;
  /** `[out, rank]`, for a convolution `[out, rank, 1, ...]`. */
  readonly up: Value;
  readonly scaling: number;
  /** Groups of a convolution; 1 otherwise. */
  readonly groups: number;
  /** Whether the weight is `[in, out]`. */
  readonly fanInFanOut: boolean;
}

const matrixOf = (x: Value): Value =>
  x.rank === 2 ? x : reshape(x, [x.shape[0]!, elementCount(x.shape) / x.shape[0]!]);

/** `weight + scaling * B A` in the weight's own layout; with `sign` -1 the update is taken out. */
export function updatedWeight(weight: Value, update: LoraUpdate, sign: 1 | -1 = 1): Value {
  const { down, up, scaling, groups, fanInFanOut } = update;
  const [a, b] = [matrixOf(down), matrixOf(up)];
  if (groups > 1) {
    const byGroup = (x: Value): Value => reshape(x, [groups, x.shape[0]! / groups, x.shape[1]!]);
    return add(weight, multiply(reshape(matMul(byGroup(b), byGroup(a)), weight.shape), sign * scaling));
  }
  const alpha = float(sign * scaling);
  // [in, out] = A^T B^T
  const result = fanInFanOut
    ? emit("Gemm", [a, b, weight], { alpha, transA: int(1), transB: int(1) })
    : emit("Gemm", [b, a, matrixOf(weight)], { alpha });
  return reshape(result, weight.shape);
}

/** Euclidean norm of the weights that lead to each output, `[out]`. */
export function outputNorms(weight: Value, fanInFanOut: boolean): Value {
  const axes = fanInFanOut ? [0] : Array.from({ length: weight.rank - 1 }, (_, i) => i + 1);
  return sqrt(reduceSumSquare(weight, axes, { keepDimensions: false }));
}

/** A factor for each output `[out]`, shaped to multiply a weight. */
const perOutput = (factor: Value, weight: Value, fanInFanOut: boolean): Value =>
  reshape(
    factor,
    weight.shape.map((extent, axis) => (axis === (fanInFanOut ? weight.rank - 1 : 0) ? extent : 1)),
  );

/** Weight of DoRA: `magnitude * (W + scaling * B A) / norm`, and the norm `[out]` that it was divided by. */
export function decomposedWeight(
  weight: Value,
  update: LoraUpdate,
  magnitude: Value,
): { readonly merged: Value; readonly norm: Value } {
  const direction = updatedWeight(weight, update);
  const norm = outputNorms(direction, update.fanInFanOut);
  const factor = divide(reshape(magnitude, norm.shape), norm);
  return { merged: multiply(direction, perOutput(factor, weight, update.fanInFanOut)), norm };
}

/** Undoes `decomposedWeight`, given the norm that it returned. */
export function recomposedWeight(merged: Value, update: LoraUpdate, magnitude: Value, norm: Value): Value {
  const factor = divide(norm, reshape(magnitude, norm.shape));
  return updatedWeight(multiply(merged, perOutput(factor, merged, update.fanInFanOut)), update, -1);
}

/** What a layer with DoRA gives: `factor * (W x + update) + bias`, along the axis of the outputs. */
export function decomposedResult(
  parts: { readonly product: Value; readonly update: Value; readonly bias: Value | undefined; readonly full: Value },
  factor: Value,
  axis: number,
): Value {
  const { product, update, bias, full } = parts;
  const shaped = (x: Value): Value =>
    reshape(
      x,
      product.shape.map((extent, i) => (i === axis ? extent : 1)),
    );
  // With dropout the product inside the norm sees another input than the layer itself: (factor - 1) of it is added.
  if (full !== product)
    return add(full, add(multiply(product, shaped(subtract(factor, 1))), multiply(update, shaped(factor))));
  const scaled = multiply(add(product, update), shaped(factor));
  return bias === undefined ? scaled : add(scaled, shaped(bias));
}
