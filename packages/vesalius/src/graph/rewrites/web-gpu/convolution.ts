import { int } from "../../attributes.ts";
import { emit } from "../../emit.ts";
import { add, concat, pad, reshape, sliceAxes, split } from "../../functions/index.ts";
import { transposedWindows } from "../../operators/convolution.ts";
import { inputGradient } from "../../operators/convolution-input-gradient.ts";
import { perChannel } from "../../operators/channel-statistics.ts";
import { numberAttribute } from "../../operators/definition.ts";
import { reach } from "../../operators/windows.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/** Three spatial axes beside batch and channels. */
const isVolume = ({ rank }: Value): boolean => rank === 5;

const parts = (x: Value, axis: number, count: number): readonly Value[] =>
  count === 1
    ? [x]
    : split(
        x,
        Array.from({ length: count }, () => x.shape[axis]! / count),
        axis,
      );

/** Convolution of volumes in groups, whose kernel throws: one convolution for each group. */
export const groupedConvolution: NodeRewriter = ({ attributes }, inputs) => {
  const [x, weight, bias] = inputs as readonly [Value, Value, Value | undefined];
  const groups = numberAttribute(attributes, "group", 1);
  if (!isVolume(x) || groups === 1) return undefined;
  const [xs, weights] = [parts(x, 1, groups), parts(weight, 0, groups)];
  const biases = bias && parts(bias, 0, groups);
  const each = xs.map((part, i) =>
    emit("Conv", biases === undefined ? [part, weights[i]!] : [part, weights[i]!, biases[i]!], {
      ...attributes,
      group: int(1),
    }),
  );
  return [concat(each, 1)];
};

/** A kernel `[a, b, ...kernel]` with zeros between its elements, in place of a dilation. */
function dilated(weight: Value, dilations: readonly number[], extents: readonly number[]): Value {
  if (dilations.every((dilation) => dilation === 1)) return weight;
  const [lead, kernel] = [weight.shape.slice(0, 2), weight.shape.slice(2)];
  const opened = reshape(weight, [...lead, ...kernel.flatMap((extent) => [extent, 1])]);
  const none = [0, 0, ...kernel.flatMap(() => [0, 0])];
  const spread = pad(opened, [...none, 0, 0, ...dilations.flatMap((dilation) => [0, dilation - 1])]);
  const flat = reshape(spread, [...lead, ...kernel.map((extent, i) => extent * dilations[i]!)]);
  return sliceAxes(
    flat,
    extents.map((extent, i) => ({ axis: i + 2, start: 0, end: extent })),
  );
}

/** Transposed convolution of volumes, whose kernel throws: convolutions of stride 1, interleaved. */
export const transposedConvolution: NodeRewriter = ({ attributes, outputs }, inputs) => {
  const [x, weight, bias] = inputs as readonly [Value, Value, Value | undefined];
  if (!isVolume(x)) return undefined;
  const groups = numberAttribute(attributes, "group", 1);
  const { windows } = transposedWindows(attributes, weight.shape.slice(2), x.shape.slice(2));
  const kernel = windows.kernel.map((_, axis) => reach(windows, axis));
  const dense = { ...windows, kernel, dilations: kernel.map(() => 1) };
  const [batch, channels, ...extents] = outputs[0]!.shape as [number, number, ...number[]];
  const shape = [batch, channels / groups, ...extents];
  const weights = parts(dilated(weight, windows.dilations, kernel), 0, groups);
  const each = parts(x, 1, groups).map((part, i) => inputGradient(part, weights[i]!, shape, dense, 1));
  const y = concat(each, 1);
  return [bias === undefined ? y : add(y, perChannel(bias, y))];
};
