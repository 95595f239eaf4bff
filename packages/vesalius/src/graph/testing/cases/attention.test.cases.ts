import * as fc from "fast-check";
import { float, int } from "../../attributes.ts";
import { differentiable, fed, integersIn, type OperatorEntry, single } from "./arbitraries.test.cases.ts";

const extent = fc.integer({ min: 1, max: 3 });

const attention = fc
  .tuple(
    fc.tuple(extent, fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }), extent, extent),
    fc.tuple(extent, extent),
    fc.boolean(),
    fc.constantFrom("none", "float", "heads", "bool", "causal"),
    fc.boolean(),
  )
  .map(([[batch, keyHeads, each, queries, keys], [width, valueWidth], flat, kind, scaled]) => {
    const heads = keyHeads * each;
    const shapeOf = (count: number, tokens: number, wide: number): number[] =>
      flat ? [batch, tokens, count * wide] : [batch, count, tokens, wide];
    const masks = {
      none: [],
      causal: [],
      float: [fed([queries, keys])],
      heads: [fed([batch, heads, queries, keys])],
      // Which keys are seen may leave a row with none; what runtimes make of such a row differs.
      bool: [fed([queries, keys], integersIn(1, 1), "bool")],
    };
    return single(
      "Attention",
      [
        fed(shapeOf(heads, queries, width)),
        fed(shapeOf(keyHeads, keys, width)),
        fed(shapeOf(keyHeads, keys, valueWidth)),
        ...masks[kind],
      ],
      {
        ...(flat ? { q_num_heads: int(heads), kv_num_heads: int(keyHeads) } : {}),
        ...(kind === "causal" ? { is_causal: int(1) } : {}),
        ...(scaled ? { scale: float(0.75) } : {}),
      },
      { precision: "float32" },
    );
  });

/** Cases of attention as one operator. */
export const attentionCases: readonly OperatorEntry[] = [differentiable("Attention", attention)];
