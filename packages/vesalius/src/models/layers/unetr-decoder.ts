import { z } from "zod";
import { add, concat, leakyRelu, type Value } from "../../graph/index.ts";
import { blockNormSchema, normalize } from "./convolution-block.ts";
import { convolutionLayer, convolutionTransposeLayer } from "./convolution.ts";
import type { ForwardMode } from "./normalization.ts";

const [instanceSchema, ...otherNorms] = blockNormSchema.options;

/** Normalization of UNETR's convolution blocks: that of any convolution block, instances without scale and bias by default. */
export const unetrNormSchema = z.discriminatedUnion("kind", [
  instanceSchema.extend({ affine: z.boolean().default(false) }),
  ...otherNorms,
]);

/** What the convolution blocks of UNETR and Swin UNETR are made of. */
export interface UnetrBlockStyle {
  readonly norm: z.infer<typeof unetrNormSchema>;
  /** Whether a block has a shortcut (MONAI's `res_block`); true by default. */
  readonly residual?: boolean;
  /** Whether batches are normalised by their own statistics. */
  readonly mode: ForwardMode;
}

/**
 * Two 3x3 convolutions `${name}.conv1.conv`, `norm1`, `conv2.conv`, `norm2`, without a shortcut (MONAI's `UnetBasicBlock`)
 * or with one (`UnetResBlock`), which has `conv3.conv`, `norm3` where the channels change.
 *
 * @param x `[batch, inChannels, ...spatial]`
 */
export function unetrBlock(x: Value, name: string, channels: number, style: UnetrBlockStyle): Value {
  const part = (value: Value, index: number, kernel: number): Value =>
    normalize(
      convolutionLayer(value, `${name}.conv${index}.conv`, channels, { kernel, bias: false }),
      `${name}.norm${index}`,
      style.norm,
      style.mode,
    );
  const branch = part(leakyRelu(part(x, 1, 3)), 2, 3);
  if (style.residual === false) return leakyRelu(branch);
  return leakyRelu(add(branch, x.shape[1] === channels ? x : part(x, 3, 1)));
}

/** Doubles every extent by a transposed convolution `${name}.conv` whose kernel equals its stride. */
export const unetrUpsample = (x: Value, name: string, channels: number): Value =>
  convolutionTransposeLayer(x, `${name}.conv`, channels, { kernel: 2, stride: 2, bias: false });

/**
 * One level of the decoder (MONAI's `UnetrUpBlock`): up-sampling, the skip connection, a block of convolutions.
 *
 * @param x `[batch, inChannels, ...spatial]`
 * @param skip `[batch, channels, ...2 * spatial]`
 */
export function unetrUpBlock(x: Value, skip: Value, name: string, style: UnetrBlockStyle): Value {
  const channels = skip.shape[1]!;
  const joined = concat([unetrUpsample(x, `${name}.transp_conv`, channels), skip], 1);
  return unetrBlock(joined, `${name}.conv_block`, channels, style);
}

/** The last layer `out.conv.conv`: logits `[batch, classes, ...spatial]`. */
export const unetrHead = (x: Value, classes: number): Value =>
  convolutionLayer(x, "out.conv.conv", classes, { kernel: 1 });
