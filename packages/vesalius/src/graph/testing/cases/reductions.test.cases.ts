import * as fc from "fast-check";
import { int } from "../../attributes.ts";
import type { Elements } from "../finite-difference.ts";
import {
  axisOf,
  differentiable,
  distinct,
  fed,
  type OperatorEntry,
  shape,
  single,
  typesOnly,
  uniform,
  vector,
} from "./arbitraries.test.cases.ts";

/** Some axes of a rank in any order, counted from either end, without repetition. */
const someAxes = (rank: number): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.shuffledSubarray(Array.from({ length: rank }, (_, i) => i)),
      fc.array(fc.boolean(), { minLength: rank, maxLength: rank }),
    )
    .map(([axes, fromEnd]) => axes.map((axis) => (fromEnd[axis] ? axis - rank : axis)));

const reduction = (operator: string, elements: Elements): OperatorEntry =>
  differentiable(
    operator,
    shape().chain((x) =>
      fc
        .tuple(fc.option(someAxes(x.length), { nil: undefined }), fc.boolean(), fc.boolean())
        .map(([axes, keep, noop]) =>
          single(operator, [fed(x, elements), ...(axes === undefined ? [] : [vector(axes)])], {
            keepdims: int(keep ? 1 : 0),
            noop_with_empty_axes: int(noop ? 1 : 0),
          }),
        ),
    ),
  );

const extremumPosition = (operator: string): OperatorEntry =>
  typesOnly(
    operator,
    shape(1).chain((x) =>
      fc
        .tuple(axisOf(x.length), fc.boolean())
        .map(([axis, keep]) => single(operator, [fed(x)], { axis: int(axis), keepdims: int(keep ? 1 : 0) })),
    ),
  );

/** Cases of the reductions. */
export const reductionCases: readonly OperatorEntry[] = [
  reduction("ReduceSum", uniform()),
  reduction("ReduceMean", uniform()),
  reduction("ReduceSumSquare", uniform()),
  reduction("ReduceL2", uniform(0.3, 1)),
  reduction("ReduceL1", distinct()),
  reduction("ReduceLogSum", uniform(0.3, 1)),
  reduction("ReduceLogSumExp", uniform(-2, 2)),
  reduction("ReduceProd", uniform(0.7, 1.3)),
  reduction("ReduceMax", distinct()),
  reduction("ReduceMin", distinct()),
  extremumPosition("ArgMax"),
  extremumPosition("ArgMin"),
];
