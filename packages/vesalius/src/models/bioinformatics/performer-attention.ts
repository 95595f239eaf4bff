import { z } from "zod";
import { randomStream } from "../../common/random.ts";
import {
  add,
  divide,
  exp,
  greater,
  matMul,
  multiply,
  reduceMax,
  reduceSum,
  relu,
  sigmoid,
  softmax,
  softplus,
  square,
  subtract,
  type Tensor,
  transpose,
  unsqueeze,
  type Value,
  where,
} from "../../graph/index.ts";
import { maskedScore } from "../layers/masks.ts";
import { tableSize } from "../layers/table-size.ts";

const kernelEpsilon = 1e-4;
const generalEpsilon = 1e-3;

/**
 * Gaussian orthogonal random features (Choromanski et al. 2021): blocks of orthogonal directions, each with the length
 * of a Gaussian vector.
 *
 * @returns `[features, width]`
 */
export function orthogonalFeatures(features: number, width: number, seed: number, label: string): Tensor {
  const stream = randomStream(seed, "orthogonalFeatures", label);
  const gaussian = (): number[] => Array.from({ length: width }, () => stream.normal());
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const data = new Float32Array(tableSize(features, width));
  let block: number[][] = [];
  for (let row = 0; row < features; row++) {
    if (row % width === 0) block = [];
    const direction = gaussian();
    for (const other of block) {
      const along = dot(direction, other);
      other.forEach((x, i) => (direction[i]! -= along * x));
    }
    const norm = Math.sqrt(dot(direction, direction));
    const unit = direction.map((x) => x / norm);
    block.push(unit);
    const draw = gaussian();
    const length = Math.sqrt(dot(draw, draw));
    data.set(
      unit.map((x) => x * length),
      row * width,
    );
  }
  return { dtype: "float32", shape: [features, width], data };
}

const kernels = { relu, sigmoid, softplus } as const;

/** Functions of random projections; none is negative, since the features weigh keys. */
export const performerKernelSchema = z.enum(["relu", "sigmoid", "softplus"]);

/** Features of a generalized kernel: `f(W x) + epsilon`. */
const kernelFeatures = (x: Value, projection: Value, kernel: z.infer<typeof performerKernelSchema>): Value =>
  add(kernels[kernel](matMul(multiply(x, x.shape.at(-1)! ** -0.25), transpose(projection, [1, 0]))), generalEpsilon);

/** Positive random features of the softmax kernel: `exp(W x - |x|^2 / 2 - largest) + epsilon`, scaled. */
function softmaxFeatures(x: Value, projection: Value, largestOver: readonly number[]): Value {
  const width = x.shape.at(-1)!;
  const features = projection.shape[0]!;
  const scaled = multiply(x, width ** -0.25);
  const projected = matMul(scaled, transpose(projection, [1, 0]));
  const length = multiply(reduceSum(square(scaled), [-1]), 0.5);
  const exponent = subtract(subtract(projected, length), reduceMax(projected, largestOver));
  return multiply(add(exp(exponent), kernelEpsilon), features ** -0.5);
}

/** Values weighed by how features of queries and keys agree. An example without keys gets zeros. */
function weigh(queries: Value, keys: Value, value: Value, masked: boolean): Value {
  const keysT = transpose(keys, [0, 1, 3, 2]);
  const total = matMul(queries, reduceSum(keysT, [-1]));
  // Without a single key there is nothing to divide by: the sum of no values is zero.
  const { graph } = total;
  const normalizer = masked ? where(greater(total, graph.scalar(0)), total, graph.scalar(1)) : total;
  return divide(matMul(queries, matMul(keysT, value)), normalizer);
}

/**
 * Attention in linear time by positive random features, FAVOR+ (Choromanski et al. 2021).
 *
 * @param query `[batch, heads, tokens, headWidth]`, as are key and value
 * @param projection random features `[features, headWidth]`
 * @param mask 1 for keys, 0 for padding, float32 `[batch, tokens]`; no padding where it is left out. An example of nothing but
 * padding attends to nothing and gets zeros.
 * @param kernel `softmax`, which is approximated, or the function of a generalized attention
 */
export function linearAttention(
  query: Value,
  key: Value,
  value: Value,
  projection: Value,
  mask?: Value,
  kernel: "softmax" | z.infer<typeof performerKernelSchema> = "softmax",
): Value {
  const kept = mask === undefined ? undefined : unsqueeze(mask, [1, 3]);
  // One maximum over the whole tensor, since a different one for each key would change their weights. Padding is moved to
  // zero first, so that it cannot be the maximum by chance.
  const all = kept === undefined ? key : multiply(key, kept);
  const queries =
    kernel === "softmax" ? softmaxFeatures(query, projection, [-1]) : kernelFeatures(query, projection, kernel);
  const every =
    kernel === "softmax" ? softmaxFeatures(all, projection, [0, 1, 2, 3]) : kernelFeatures(all, projection, kernel);
  return weigh(queries, kept === undefined ? every : multiply(every, kept), value, kept !== undefined);
}

/**
 * Attention in linear time without a projection (Shen et al. 2021): softmax of each query over its features, and of each
 * feature of the keys over the tokens.
 *
 * @param query `[batch, heads, tokens, headWidth]`, as are key and value
 * @param mask as in `linearAttention`
 */
export function separateSoftmaxAttention(query: Value, key: Value, value: Value, mask?: Value): Value {
  const kept = mask === undefined ? undefined : unsqueeze(mask, [1, 3]);
  const visible =
    kept === undefined ? key : where(greater(kept, kept.graph.scalar(0)), key, kept.graph.scalar(maskedScore));
  const every = softmax(visible, 2);
  return weigh(softmax(query), kept === undefined ? every : multiply(every, kept), value, kept !== undefined);
}
