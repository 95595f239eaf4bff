import { emit } from "../emit.ts";
import type { Value } from "../value.ts";

/** Element-wise `a == b` as booleans. */
export const equal = (a: Value, b: Value): Value => emit("Equal", [a, b]);
/** Element-wise `a > b` as booleans. */
export const greater = (a: Value, b: Value): Value => emit("Greater", [a, b]);
/** Element-wise `a < b` as booleans. */
export const less = (a: Value, b: Value): Value => emit("Less", [a, b]);

/** Takes `a` where the condition holds and `b` elsewhere, with broadcasting over all three. */
export const where = (condition: Value, a: Value, b: Value): Value => emit("Where", [condition, a, b]);
