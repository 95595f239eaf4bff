import * as fc from "fast-check";
import { float, int } from "../../attributes.ts";
import { axisOf, differentiable, fed, type OperatorEntry, shape, single, uniform } from "./arbitraries.test.cases.ts";

const layerNormalization = fc.tuple(shape(1, 4, 4, 2), fc.boolean()).chain(([x, withBias]) =>
  axisOf(x.length).map((axis) => {
    const tail = x.slice(axis);
    return single(
      "LayerNormalization",
      [fed(x, uniform(-2, 2)), fed(tail, uniform(0.5, 1.5)), withBias ? fed(tail) : undefined],
      { axis: int(axis), epsilon: float(1e-2) },
    );
  }),
);

/** Cases of the normalization layers. */
export const normalizationCases: readonly OperatorEntry[] = [differentiable("LayerNormalization", layerNormalization)];
