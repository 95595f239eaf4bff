import type { Value } from "../../value.ts";
import { reduceMean, reduceSum } from "../reductions.ts";

/** Mean of all elements, as a scalar. */
export const meanOf = (x: Value): Value => reduceMean(x, undefined, { keepDimensions: false });
/** Sum of all elements, as a scalar. */
export const sumOf = (x: Value): Value => reduceSum(x, undefined, { keepDimensions: false });
