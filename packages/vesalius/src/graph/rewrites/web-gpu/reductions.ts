import { abs, identity, log, square } from "../../functions/index.ts";
import { numberAttribute } from "../../operators/definition.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/** What is left of each reduction over no axes: what it does to single elements. */
const ofElements: Readonly<Record<string, (x: Value) => Value>> = {
  ReduceL1: abs,
  ReduceL2: abs,
  ReduceLogSum: log,
  ReduceSumSquare: square,
};

/** A reduction that is told to reduce nothing where no axes are given, which the kernels take for a copy. */
export const reductionOfNothing: NodeRewriter = ({ type, attributes }, inputs) => {
  const [x, axes] = [inputs[0]!, inputs[1]];
  const given = axes !== undefined && axes.shape[0] !== 0;
  if (given || numberAttribute(attributes, "noop_with_empty_axes", 0) === 0) return undefined;
  return [(ofElements[type] ?? identity)(x)];
};
