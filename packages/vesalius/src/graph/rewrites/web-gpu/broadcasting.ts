import { emit } from "../../emit.ts";
import { expand, power, reshape } from "../../functions/index.ts";
import { stringAttribute } from "../../operators/definition.ts";
import { broadcastShapes } from "../../shapes.ts";
import { elementCount } from "../../tensor.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/** Pow of two shapes, whose shader does not compile for some of them: of one shape after spreading both. */
export const broadcastPower: NodeRewriter = ({ outputs }, inputs) => {
  const [base, exponent] = inputs as readonly [Value, Value];
  const { shape } = outputs[0]!;
  const isSpread = (x: Value): boolean => elementCount(x.shape) !== 1 && x.shape.join() !== shape.join();
  return isSpread(base) || isSpread(exponent) ? [power(expand(base, shape), expand(exponent, shape))] : undefined;
};

/** Einsum over further axes of different extents, which the kernel refuses: of equal ones after spreading them. */
export const broadcastEinsum: NodeRewriter = ({ attributes }, inputs) => {
  const terms = stringAttribute(attributes, "equation", "").replaceAll(" ", "").split("->")[0]!.split(",");
  const further = inputs.map((x, i) => {
    const start = terms[i]!.indexOf("...");
    if (start < 0) return undefined;
    const end = start + x!.rank - (terms[i]!.length - 3);
    return { start, end, extents: x!.shape.slice(start, end) };
  });
  const joint = further.reduce<readonly number[]>((shape, axes) => broadcastShapes(shape, axes?.extents ?? []), []);
  if (further.every((axes) => axes === undefined || axes.extents.join() === joint.join())) return undefined;
  const spread = inputs.map((x, i) => {
    const axes = further[i];
    if (axes === undefined) return x;
    const [before, after] = [x!.shape.slice(0, axes.start), x!.shape.slice(axes.end)];
    const lead = Array.from({ length: joint.length - axes.extents.length }, () => 1);
    return expand(reshape(x!, [...before, ...lead, ...axes.extents, ...after]), [...before, ...joint, ...after]);
  });
  return [emit("Einsum", spread, attributes)];
};
