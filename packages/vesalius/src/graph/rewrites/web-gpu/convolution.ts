import { int, withoutAttributes } from "../../attributes.ts";
import { emit } from "../../emit.ts";
import { add, concat, full, pad, reshape, sliceAxes, split } from "../../functions/index.ts";
import { transposedWindows } from "../../operators/convolution.ts";
import { inputGradient } from "../../operators/convolution-input-gradient.ts";
import { perChannel } from "../../operators/channel-statistics.ts";
import { numberAttribute } from "../../operators/definition.ts";
import { reach, windowsOver } from "../../operators/windows.ts";
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

/**
 * Convolution with padding behind its input and none in front, by a window as large as the input or a single element:
 * the kernel forgets the padding. Zeros are joined to the input, because the engine would take a Pad back into the
 * convolution.
 */
export const paddedBehind: NodeRewriter = ({ attributes }, inputs) => {
  const [x, weight] = inputs as readonly [Value, Value];
  const extents = x.shape.slice(2);
  const { kernel, before, after } = windowsOver(attributes, weight.shape.slice(2), extents);
  if (isVolume(x) || before.some((count) => count !== 0) || after.every((count) => count === 0)) return undefined;
  if (kernel.some((extent, i) => extent !== extents[i]) && kernel.some((extent) => extent !== 1)) return undefined;
  const padded = after.reduce((joined, count, i) => {
    if (count === 0) return joined;
    const zeros = joined.shape.map((extent, axis) => (axis === i + 2 ? count : extent));
    return concat([joined, full(x.graph, zeros, 0, x.dtype)], i + 2);
  }, x);
  return [emit("Conv", [padded, ...inputs.slice(1)], withoutAttributes(attributes, "auto_pad", "pads"))];
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

/**
 * Transposed convolution in groups of several input channels and one output channel, whose kernel computes something
 * else: with a second output channel of zeros in each group, which is left out again.
 */
export const thinGroups: NodeRewriter = ({ attributes, outputs }, inputs) => {
  const [x, weight, bias] = inputs as readonly [Value, Value, Value | undefined];
  const groups = numberAttribute(attributes, "group", 1);
  if (isVolume(x) || groups === 1 || weight.shape[1] !== 1 || x.shape[1] === groups) return undefined;
  const none = weight.shape.slice(2).map(() => 0);
  const widened = pad(weight, [0, 0, ...none, 0, 1, ...none]);
  const both = emit("ConvTranspose", [x, widened], attributes);
  const [batch, , ...extents] = outputs[0]!.shape as [number, number, ...number[]];
  const apart = reshape(both, [batch, groups, 2, ...extents]);
  const y = reshape(sliceAxes(apart, [{ axis: 2, start: 0, end: 1 }]), [batch, groups, ...extents]);
  return [bias === undefined ? y : add(y, perChannel(bias, y))];
};
