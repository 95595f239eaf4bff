import { z } from "zod";
import { add, concat, leakyRelu, type Value } from "../../graph/index.ts";
import { convolutionLayer, convolutionTransposeLayer } from "./convolution.ts";
import { groupNormLayer, instanceNormLayer } from "./normalization.ts";

/** Normalization of UNETR's convolution blocks: `instance` without scale and bias, or `group`. */
export const unetrNormSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("instance") }),
  z.strictObject({ kind: z.literal("group"), groups: z.int().positive() }),
]);

/** Normalization of UNETR's convolution blocks. */
export type UnetrNorm = z.infer<typeof unetrNormSchema>;

/** MONAI's `norm_name`: `"instance"` or `["group", { "num_groups": 8 }]`. */
export const monaiNormSchema = z.union([
  z.literal("instance").transform((): UnetrNorm => ({ kind: "instance" })),
  z
    .tuple([z.literal("group"), z.object({ num_groups: z.int().positive() })])
    .transform(([, { num_groups }]): UnetrNorm => ({ kind: "group", groups: num_groups })),
]);

/** A normalization in MONAI's words. */
export const monaiNormName = (norm: UnetrNorm) =>
  norm.kind === "instance" ? "instance" : (["group", { num_groups: norm.groups }] as const);

const normalize = (x: Value, name: string, norm: UnetrNorm): Value =>
  norm.kind === "group" ? groupNormLayer(x, name, norm.groups) : instanceNormLayer(x, name, { affine: false });

/**
 * Two 3x3 convolutions with a shortcut (MONAI's `UnetResBlock`): `${name}.conv1.conv`, `norm1`, `conv2.conv`, `norm2`,
 * and `conv3.conv`, `norm3` on the shortcut where the channels change.
 *
 * @param x `[batch, inChannels, ...spatial]`
 */
export function unetrResidualBlock(x: Value, name: string, channels: number, norm: UnetrNorm): Value {
  const part = (value: Value, index: number, kernel: number): Value =>
    normalize(
      convolutionLayer(value, `${name}.conv${index}.conv`, channels, { kernel, bias: false }),
      `${name}.norm${index}`,
      norm,
    );
  const branch = part(leakyRelu(part(x, 1, 3)), 2, 3);
  return leakyRelu(add(branch, x.shape[1] === channels ? x : part(x, 3, 1)));
}

/** Doubles every extent by a transposed convolution `${name}.conv` whose kernel equals its stride. */
export const unetrUpsample = (x: Value, name: string, channels: number): Value =>
  convolutionTransposeLayer(x, `${name}.conv`, channels, { kernel: 2, stride: 2, bias: false });

/**
 * One level of the decoder (MONAI's `UnetrUpBlock`): up-sampling, the skip connection, a residual block.
 *
 * @param x `[batch, inChannels, ...spatial]`
 * @param skip `[batch, channels, ...2 * spatial]`
 */
export function unetrUpBlock(x: Value, skip: Value, name: string, norm: UnetrNorm): Value {
  const channels = skip.shape[1]!;
  const joined = concat([unetrUpsample(x, `${name}.transp_conv`, channels), skip], 1);
  return unetrResidualBlock(joined, `${name}.conv_block`, channels, norm);
}

/** The last layer `out.conv.conv`: logits `[batch, classes, ...spatial]`. */
export const unetrHead = (x: Value, classes: number): Value =>
  convolutionLayer(x, "out.conv.conv", classes, { kernel: 1 });
