import { VesaliusError } from "../../common/errors.ts";
import { pad, slice } from "../functions/index.ts";
import { normalizeAxis } from "../shapes.ts";
import type { GradientContext, Value } from "../value.ts";
import { constantIntegers, type OperatorDefinition, requireInput, stringAttribute } from "./definition.ts";
import { addAlong } from "./indexing.ts";

/** Where each element of a padded axis comes from, for the modes that repeat the input. */
function paddedFrom(mode: string, extent: number, before: number, count: number): number[] {
  const wrap = (position: number, period: number): number => ((position % period) + period) % period;
  return Array.from({ length: count }, (_, i) => {
    const position = i - before;
    if (mode === "edge") return Math.min(Math.max(position, 0), extent - 1);
    if (mode === "wrap") return wrap(position, extent);
    const bounced = wrap(position, Math.max(2 * extent - 2, 1));
    return bounced < extent ? bounced : 2 * extent - 2 - bounced;
  });
}

/** Undoes a constant padding by a slice; negative pads (crops) come back as padding. */
function padGradient({ inputs, outputs, outputGradients, node }: GradientContext): readonly (Value | undefined)[] {
  const x = inputs[0]!;
  const pads = fullPads(x, inputs);
  const mode = stringAttribute(node.attributes, "mode", "constant");
  if (mode !== "constant") {
    const gathered = x.shape.reduce((dy, extent, axis) => {
      const from = paddedFrom(mode, extent, pads[axis]!, outputs[0]!.shape[axis]!);
      const kept = from.length === extent && from.every((position, i) => position === i);
      const shape = dy.shape.map((count, i) => (i === axis ? extent : count));
      return kept ? dy : addAlong(dy, x.graph.int64(from), shape, axis);
    }, outputGradients[0]!);
    return [gathered, ...inputs.slice(1).map(() => undefined)];
  }
  let dx = outputGradients[0]!;
  const inverse = pads.map((count) => -count);
  if (inverse.some((count) => count > 0))
    dx = pad(
      dx,
      inverse.map((count) => Math.max(count, 0)),
    );
  x.shape.forEach((extent, axis) => {
    const start = Math.max(pads[axis]!, 0);
    if (dx.shape[axis] !== extent) dx = slice(dx, axis, start, start + extent);
  });
  return [dx, ...inputs.slice(1).map(() => undefined)];
}

function fullPads(x: Value, inputs: readonly (Value | undefined)[]): number[] {
  const given = constantIntegers(requireInput(inputs, 1, "Pad"), "the pads")!;
  const axes = constantIntegers(inputs[3], "the axes of a padding")?.map((axis) => normalizeAxis(axis, x.rank));
  if (axes === undefined) return [...given];
  const pads = Array.from({ length: 2 * x.rank }, () => 0);
  axes.forEach((axis, i) => {
    pads[axis] = given[i]!;
    pads[x.rank + axis] = given[axes.length + i]!;
  });
  return pads;
}

/** Padding with a constant or with repetitions of the input. */
export const padding: readonly OperatorDefinition[] = [
  {
    type: "Pad",
    sinceVersion: 18,
    infer: ({ inputs }) => {
      const x = requireInput(inputs, 0, "Pad");
      const pads = fullPads(x, inputs);
      if (pads.length !== 2 * x.rank)
        throw new VesaliusError("shape-mismatch", "a padding needs two counts for each axis");
      return [{ dtype: x.dtype, shape: x.shape.map((extent, i) => extent + pads[i]! + pads[x.rank + i]!) }];
    },
    gradient: padGradient,
  },
];
