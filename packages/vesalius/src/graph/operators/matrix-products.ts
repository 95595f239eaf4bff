import { VesaliusError } from "../../common/errors.ts";
import { gemm, matMul, multiply, reshape, transpose } from "../functions/index.ts";
import { broadcastShapes } from "../shapes.ts";
import { elementCount } from "../../common/tensor.ts";
import type { GradientContext, Value } from "../value.ts";
import { unbroadcast } from "./broadcasting.ts";
import {
  type InferenceContext,
  numberAttribute,
  type OperatorDefinition,
  permutationOf,
  requireInput,
} from "./definition.ts";

function inferMatMul({ inputs }: InferenceContext) {
  const a = requireInput(inputs, 0, "MatMul");
  const b = requireInput(inputs, 1, "MatMul");
  if (a.rank === 0 || b.rank === 0) throw new VesaliusError("shape-mismatch", "operands must have at least one axis");
  // One-dimensional operands gain an axis for the product and lose it again.
  const left = a.rank === 1 ? [1, a.shape[0]!] : a.shape;
  const right = b.rank === 1 ? [b.shape[0]!, 1] : b.shape;
  if (left.at(-1) !== right.at(-2))
    throw new VesaliusError("shape-mismatch", `inner extents ${left.at(-1)} and ${right.at(-2)} differ`);
  const lead = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
  const rows = a.rank === 1 ? [] : [left.at(-2)!];
  const columns = b.rank === 1 ? [] : [right.at(-1)!];
  return [{ dtype: a.dtype, shape: [...lead, ...rows, ...columns] }];
}

const swapLast = (x: Value): Value => {
  const axes = Array.from({ length: x.rank }, (_, i) => i);
  axes.splice(-2, 2, x.rank - 1, x.rank - 2);
  return transpose(x, axes);
};

const flatten = (x: Value): Value =>
  x.rank === 2 ? x : reshape(x, [elementCount(x.shape.slice(0, -1)), x.shape.at(-1)!]);

/** a^T dy. Where b is made of transposed matrices, (dy^T a)^T instead, whose outer transposition cancels with that of b. */
function rightGradient(a: Value, b: Value, dy: Value): Value {
  const isTransposed = b.node?.type === "Transpose" && permutationOf(b, b.node.attributes).at(-1) !== b.rank - 1;
  return isTransposed ? swapLast(matMul(swapLast(dy), a)) : matMul(swapLast(a), dy);
}

function matMulGradient({ inputs, outputGradients, needed }: GradientContext): readonly (Value | undefined)[] {
  const [a, b] = [inputs[0]!, inputs[1]!];
  const as = a.rank === 1 ? reshape(a, [1, a.shape[0]!]) : a;
  const bs = b.rank === 1 ? reshape(b, [b.shape[0]!, 1]) : b;
  const lead = broadcastShapes(as.shape.slice(0, -2), bs.shape.slice(0, -2));
  const dy = reshape(outputGradients[0]!, [...lead, as.shape.at(-2)!, bs.shape.at(-1)!]);
  let da: Value | undefined;
  let db: Value | undefined;
  if (needed[0]) da = reshape(unbroadcast(matMul(dy, swapLast(bs)), as.shape), a.shape);
  if (needed[1])
    // A weight shared by all leading axes: one flat product instead of many small ones and a sum.
    db =
      bs.rank === 2
        ? reshape(gemm(flatten(as), flatten(dy), undefined, { transposeA: true }), b.shape)
        : reshape(unbroadcast(rightGradient(as, bs, dy), bs.shape), b.shape);
  return [da, db];
}

function inferGemm({ inputs, attributes }: InferenceContext) {
  const a = requireInput(inputs, 0, "Gemm");
  const b = requireInput(inputs, 1, "Gemm");
  if (a.rank !== 2 || b.rank !== 2) throw new VesaliusError("shape-mismatch", "operands must be matrices");
  const [rows, inner] = numberAttribute(attributes, "transA", 0)
    ? [a.shape[1]!, a.shape[0]!]
    : [a.shape[0]!, a.shape[1]!];
  const [other, columns] = numberAttribute(attributes, "transB", 0)
    ? [b.shape[1]!, b.shape[0]!]
    : [b.shape[0]!, b.shape[1]!];
  if (inner !== other) throw new VesaliusError("shape-mismatch", `inner extents ${inner} and ${other} differ`);
  const shape = [rows, columns];
  const c = inputs[2];
  if (c !== undefined && broadcastShapes(c.shape, shape).some((extent, axis) => extent !== shape[axis]))
    throw new VesaliusError("shape-mismatch", "the addend does not broadcast to the product");
  return [{ dtype: a.dtype, shape }];
}

function gemmGradient({ node, inputs, outputGradients, needed }: GradientContext): readonly (Value | undefined)[] {
  const [a, b, c] = [inputs[0]!, inputs[1]!, inputs[2]];
  const dy = outputGradients[0]!;
  const alpha = numberAttribute(node.attributes, "alpha", 1);
  const beta = numberAttribute(node.attributes, "beta", 1);
  const transA = numberAttribute(node.attributes, "transA", 0) === 1;
  const transB = numberAttribute(node.attributes, "transB", 0) === 1;
  const scaled = (x: Value, factor: number): Value => (factor === 1 ? x : multiply(x, factor));
  const da = (): Value =>
    transA
      ? gemm(b, dy, undefined, { transposeA: transB, transposeB: true })
      : gemm(dy, b, undefined, { transposeB: !transB });
  const db = (): Value =>
    transB
      ? gemm(dy, a, undefined, { transposeA: true, transposeB: transA })
      : gemm(a, dy, undefined, { transposeA: !transA });
  return [
    needed[0] ? scaled(da(), alpha) : undefined,
    needed[1] ? scaled(db(), alpha) : undefined,
    c !== undefined && needed[2] ? scaled(unbroadcast(dy, c.shape), beta) : undefined,
  ];
}

/** Matrix products. */
export const matrixProducts: readonly OperatorDefinition[] = [
  { type: "MatMul", sinceVersion: 13, infer: inferMatMul, gradient: matMulGradient },
  { type: "Gemm", sinceVersion: 13, infer: inferGemm, gradient: gemmGradient },
];
