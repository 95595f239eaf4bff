import { expand, power } from "../../functions/index.ts";
import { elementCount } from "../../tensor.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/**
 * Pow of two shapes, whose shader does not compile for some of them, also with a single element of several axes: of one
 * shape after spreading both.
 */
export const broadcastPower: NodeRewriter = ({ outputs }, inputs) => {
  const [base, exponent] = inputs as readonly [Value, Value];
  const { shape } = outputs[0]!;
  const isSpread = (x: Value): boolean =>
    x.shape.join() !== shape.join() && (x.rank > 1 || elementCount(x.shape) !== 1);
  return isSpread(base) || isSpread(exponent) ? [power(expand(base, shape), expand(exponent, shape))] : undefined;
};
