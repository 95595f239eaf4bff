import { cast, expand, greater, multiply, power } from "../../functions/index.ts";
import { elementCount } from "../../../common/tensor.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/** Whether a value is spread over a shape in another way than as one number. */
const isSpread = (x: Value, shape: readonly number[]): boolean =>
  x.shape.join() !== shape.join() && (x.rank > 1 || elementCount(x.shape) !== 1);

/** Pow of two shapes, whose shader does not compile for some of them: of one shape after spreading both. */
export const broadcastPower: NodeRewriter = ({ outputs }, inputs) => {
  const [base, exponent] = inputs as readonly [Value, Value];
  const { shape } = outputs[0]!;
  if (!isSpread(base, shape) && !isSpread(exponent, shape)) return undefined;
  return [power(expand(base, shape), expand(exponent, shape))];
};

/** And of two shapes, which some shaders in browsers get wrong: as a product of zeros and ones. */
export const broadcastAnd: NodeRewriter = ({ outputs }, inputs) => {
  const [a, b] = inputs as readonly [Value, Value];
  const { shape } = outputs[0]!;
  if (!isSpread(a, shape) && !isSpread(b, shape)) return undefined;
  return [greater(multiply(cast(a, "float32"), cast(b, "float32")), a.graph.scalar(0.5))];
};
