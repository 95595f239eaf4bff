import * as fc from "fast-check";
import { float, int } from "../../attributes.ts";
import { broadcastableTo, differentiable, fed, type OperatorEntry, shape, single } from "./arbitraries.test.cases.ts";

const extent = fc.integer({ min: 1, max: 4 });

const matMulShapes = fc
  .tuple(extent, extent, extent, shape(0, 2, 3))
  .chain(([rows, inner, columns, lead]) =>
    fc
      .tuple(broadcastableTo(lead), broadcastableTo(lead), fc.boolean(), fc.boolean())
      .map(([leadA, leadB, vectorA, vectorB]) => [
        vectorA ? [inner] : [...leadA, rows, inner],
        vectorB ? [inner] : [...leadB, inner, columns],
      ]),
  );

const gemm = fc
  .tuple(extent, extent, extent, fc.boolean(), fc.boolean(), fc.boolean(), fc.constantFrom(1, 0.5, -2))
  .chain(([rows, inner, columns, transA, transB, withAddend, alpha]) =>
    broadcastableTo([rows, columns]).map((addend) =>
      single(
        "Gemm",
        [
          fed(transA ? [inner, rows] : [rows, inner]),
          fed(transB ? [columns, inner] : [inner, columns]),
          ...(withAddend ? [fed(addend)] : []),
        ],
        {
          transA: int(transA ? 1 : 0),
          transB: int(transB ? 1 : 0),
          alpha: float(alpha),
          beta: float(0.75),
        },
      ),
    ),
  );

/** Cases of the matrix products. */
export const matrixProductCases: readonly OperatorEntry[] = [
  differentiable(
    "MatMul",
    matMulShapes.map(([a, b]) => single("MatMul", [fed(a!), fed(b!)])),
  ),
  differentiable("Gemm", gemm),
];
