import { add, concat, multiply, sliceAxes } from "../../functions/index.ts";
import { numberAttribute } from "../../operators/definition.ts";
import { normalizeAxis } from "../../shapes.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/** WebGPU promises eight buffers to a shader; one holds what goes in or comes out as a whole. */
const mostOperands = 7;

/** Concat of many inputs, whose kernel binds them all at once: joined in groups first. */
export const manyInputs: NodeRewriter = ({ attributes, outputs }, inputs) => {
  if (inputs.length <= mostOperands) return undefined;
  const axis = normalizeAxis(numberAttribute(attributes, "axis", 0), outputs[0]!.rank);
  let parts = inputs as readonly Value[];
  while (parts.length > 1) {
    const groups = Array.from({ length: Math.ceil(parts.length / mostOperands) }, (_, i) =>
      parts.slice(i * mostOperands, (i + 1) * mostOperands),
    );
    parts = groups.map((group) => concat(group, axis));
  }
  return parts;
};

/** Split into many outputs, whose kernel binds them all at once: one slice for each. */
export const manyOutputs: NodeRewriter = ({ attributes, outputs }, inputs) => {
  if (outputs.length <= mostOperands) return undefined;
  const x = inputs[0]!;
  const axis = normalizeAxis(numberAttribute(attributes, "axis", 0), x.rank);
  let start = 0;
  return outputs.map(({ shape }) => {
    const end = start + shape[axis]!;
    const part = sliceAxes(x, [{ axis, start, end }]);
    start = end;
    return part;
  });
};

/** Sum of any number of inputs, which has no kernel: two at a time. */
export const sumOfInputs: NodeRewriter = (_, inputs) => [(inputs as readonly Value[]).reduce(add)];

/** Mean of any number of inputs, which has no kernel. */
export const meanOfInputs: NodeRewriter = (_, inputs) => [
  multiply((inputs as readonly Value[]).reduce(add), 1 / inputs.length),
];
