import { VesaliusError } from "../../common/errors.ts";
import { int } from "../attributes.ts";
import { emit } from "../emit.ts";
import { full, scatterElementsAdd } from "../functions/index.ts";
import { normalizeAxis } from "../shapes.ts";
import type { Tensor } from "../../common/tensor.ts";
import type { Attributes } from "../value.ts";
import { inferUnary } from "./elementary.ts";
import {
  constantIntegers,
  type InferenceContext,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
} from "./definition.ts";
import { fromScalars, largestFold, type Scalar, scalars } from "./fold.ts";

function topCount({ inputs, attributes }: Pick<InferenceContext, "inputs" | "attributes">): [number, number] {
  const x = requireInput(inputs, 0, "TopK");
  const axis = normalizeAxis(numberAttribute(attributes, "axis", -1), x.rank);
  const count = constantIntegers(requireInput(inputs, 1, "TopK"), "the number of a TopK")![0]!;
  if (count > x.shape[axis]!)
    throw new VesaliusError("shape-mismatch", `the top ${count} of ${x.shape[axis]} elements are asked for`);
  return [axis, count];
}

/** Elements of a constant that a range is made of. */
function rangeBounds({ inputs, type }: Pick<InferenceContext, "inputs"> & { type: string }): Scalar[] {
  return [0, 1, 2].map((i) => {
    const { name, tensor } = requireInput(inputs, i, type);
    const [bound] = tensor === undefined ? [] : (scalars(tensor) ?? []);
    if (bound === undefined)
      throw new VesaliusError("bad-argument", "the bounds of a range must be constant", {
        where: name,
        fix: "fold constants first, or bind the symbolic dimensions that they depend on",
      });
    return bound;
  });
}

function rangeCount([start, limit, delta]: readonly Scalar[]): number {
  if (Number(delta) === 0) throw new VesaliusError("bad-argument", "a range needs a step other than 0");
  return Math.max(0, Math.ceil((Number(limit) - Number(start)) / Number(delta)));
}

/** Row-major positions of the elements that are not zero, one row of the result for each axis. */
function hits(x: Tensor): Tensor | undefined {
  const elements = scalars(x);
  if (elements === undefined) return undefined;
  const places = elements.flatMap((element, i) => (element ? [i] : []));
  const data = new BigInt64Array(places.length * x.shape.length);
  let period = 1;
  for (let axis = x.shape.length - 1; axis >= 0; axis--) {
    const extent = x.shape[axis]!;
    places.forEach((place, i) => {
      data[axis * places.length + i] = BigInt(Math.floor(place / period) % extent);
    });
    period *= extent;
  }
  return { dtype: "int64", shape: [x.shape.length, places.length], data };
}

const reversed = (attributes: Attributes): Attributes => ({
  ...attributes,
  reverse: int(1 - numberAttribute(attributes, "reverse", 0)),
});

/** Operators along the order of elements: the largest, running sums, ranges, and where the non-zero ones are. */
export const ordering: readonly OperatorDefinition[] = [
  {
    type: "TopK",
    sinceVersion: 11,
    infer: (context) => {
      const [axis, count] = topCount(context);
      const { dtype, shape } = context.inputs[0]!;
      const cut = shape.map((extent, i) => (i === axis ? count : extent));
      return [
        { dtype, shape: cut },
        { dtype: "int64", shape: cut },
      ];
    },
    gradient: ({ node, inputs, outputs, outputGradients }) => {
      const x = inputs[0]!;
      const [axis] = topCount(node);
      const start = full(x.graph, x.shape, 0, x.dtype);
      return [scatterElementsAdd(start, outputs[1]!, outputGradients[0]!, axis), undefined];
    },
  },
  {
    type: "CumSum",
    sinceVersion: 14,
    infer: inferUnary,
    // What an element adds to all that follow comes back from all that follow.
    gradient: ({ node, inputs, outputGradients }) => [
      emit("CumSum", [outputGradients[0], inputs[1]], reversed(node.attributes)),
      undefined,
    ],
  },
  {
    type: "Range",
    sinceVersion: 11,
    infer: (context) => [
      { dtype: requireInput(context.inputs, 0, "Range").dtype, shape: [rangeCount(rangeBounds(context))] },
    ],
    gradient: "none",
    fold: (_inputs, { inputs, outputs }) => {
      const { dtype, shape } = outputs[0]!;
      if (shape[0]! > largestFold) return undefined;
      const [start, , delta] = rangeBounds({ inputs, type: "Range" });
      const numbers = Array.from({ length: shape[0]! }, (_, i): Scalar =>
        typeof start === "bigint" && typeof delta === "bigint"
          ? start + BigInt(i) * delta
          : Number(start) + i * Number(delta),
      );
      const folded = fromScalars(dtype, shape, numbers);
      return folded && [folded];
    },
  },
  {
    type: "NonZero",
    sinceVersion: 13,
    infer: ({ inputs }) => {
      const x = requireInput(inputs, 0, "NonZero");
      const found = x.tensor && hits(x.tensor);
      if (found === undefined)
        throw new VesaliusError("bad-argument", "the number of elements that are not zero is only known when it runs", {
          where: x.name,
          fix: "fold constants first; a NonZero of computed values has no static shape",
        });
      return [{ dtype: "int64", shape: found.shape }];
    },
    gradient: "none",
    fold: ([x]) => {
      const found = hits(x!);
      return found && [found];
    },
  },
];
