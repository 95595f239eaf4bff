import { add, cast, equal, less, unsqueeze, where } from "../../functions/index.ts";
import { numberAttribute } from "../../operators/definition.ts";
import { normalizeAxis } from "../../shapes.ts";
import { integers } from "../../../common/tensor.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/** OneHot, which has no kernel, as a comparison with the numbers of the classes. */
export const oneHot: NodeRewriter = ({ attributes }, inputs) => {
  const [indices, depth, values] = inputs as readonly [Value, Value, Value];
  if (depth.tensor === undefined || values.tensor === undefined) return undefined;
  const { graph, rank } = indices;
  const count = integers(depth.tensor)[0]!;
  const axis = normalizeAxis(numberAttribute(attributes, "axis", -1), rank + 1);
  const classes = graph.constant({
    dtype: "int32",
    shape: Array.from({ length: rank + 1 }, (_, i) => (i === axis ? count : 1)),
    data: Int32Array.from({ length: count }, (_, i) => i),
  });
  const narrow = cast(indices, "int32");
  const wrapped = where(less(narrow, graph.scalar(0, "int32")), add(narrow, count), narrow);
  const [off, on] = [0, 1].map((position) => {
    const { dtype, data } = values.tensor!;
    return graph.constant({ dtype, shape: [], data: data.slice(position, position + 1) });
  });
  return [where(equal(unsqueeze(wrapped, [axis]), classes), on!, off!)];
};
