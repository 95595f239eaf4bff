import * as fc from "fast-check";
import { string } from "../../attributes.ts";
import { differentiable, fed, type OperatorEntry, single } from "./arbitraries.test.cases.ts";

/** Equations with the shapes of their operands, extents by letter; a capital is an axis of 1 that is broadcast. */
const equations: readonly (readonly [string, readonly string[]])[] = [
  ["ij,jk->ik", ["ij", "jk"]],
  ["ij,jk", ["ij", "jk"]],
  ["bhqd,bhkd->bhqk", ["bhqd", "bhkd"]],
  ["nchw,oc->nohw", ["nchw", "oc"]],
  ["ij->ji", ["ij"]],
  ["ij->", ["ij"]],
  ["ij->i", ["ij"]],
  ["i,j->ij", ["i", "j"]],
  ["i,i->", ["i", "i"]],
  ["ij, ij, jk -> ik", ["ij", "ij", "jk"]],
  ["...ij,...jk->...ik", ["abij", "aBjk"]],
  ["bij,bjk->bik", ["bij", "Bjk"]],
  ["ij,jk->ik", ["iJ", "jk"]],
  ["...i->...", ["abi"]],
  ["ij,k->i", ["ij", "k"]],
];

const einsum = fc
  .tuple(fc.constantFrom(...equations), fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 26, maxLength: 26 }))
  .map(([[equation, operands], extents]) =>
    single(
      "Einsum",
      operands.map((labels) => fed(Array.from(labels, (label) => extents[label.charCodeAt(0) - 97] ?? 1))),
      { equation: string(equation) },
    ),
  );

/** Cases of Einsum. */
export const einsumCases: readonly OperatorEntry[] = [differentiable("Einsum", einsum)];
