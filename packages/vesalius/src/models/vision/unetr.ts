import { z } from "zod";
import { add, reshape, type Value } from "../../graph/index.ts";
import { channelsFirst, type ForwardMode } from "../layers/normalization.ts";
import { patchEmbedding, patchify } from "../layers/patches.ts";
import { monaiBlockNormSchema, monaiExtents, monaiNeutralKeys, monaiNorm } from "../layers/monai.ts";
import { checkExtents } from "../layers/extents.ts";
import { readPublishedConfig } from "../layers/published-config.ts";
import {
  layerNormLayer,
  linearLayer,
  monaiTransformerNames,
  preNormBlock,
  transformerInit,
} from "../layers/transformer.ts";
import { unetrBlock, unetrHead, unetrNormSchema, unetrUpBlock, unetrUpsample } from "../layers/unetr-decoder.ts";
import type { UnetStates } from "./basic-unet.ts";

/** Extent of a patch along every axis; the decoder doubles the resolution four times. */
const patchSize = 16;
const depth = 12;
const epsilon = 1e-5;

/** Configuration of UNETR; the published base size for volumes by default. */
export const unetrConfigSchema = z.strictObject({
  /** Extents of the input, two or three, multiples of 16. */
  imageSize: z.array(z.int().positive().multipleOf(patchSize)).min(2).max(3).default([96, 96, 96]),
  channels: z.int().positive().default(1),
  classes: z.int().positive().default(14),
  /** Channels of the finest level of the decoder. */
  featureWidth: z.int().positive().default(16),
  /** Width of the transformer. */
  width: z.int().positive().default(768),
  hiddenWidth: z.int().positive().default(3072),
  heads: z.int().positive().default(12),
  qkvBias: z.boolean().default(false),
  norm: unetrNormSchema.default({ kind: "instance", affine: false }),
  /** How a patch becomes a vector: by a convolution, or by a linear layer over its elements, channels last. */
  projection: z.enum(["convolution", "perceptron"]).default("convolution"),
  /** Whether convolutions follow each doubling of the resolution in the skip connections. */
  convolutionalSkips: z.boolean().default(true),
  /** Whether the blocks of convolutions have shortcuts. */
  residual: z.boolean().default(true),
});

/** Configuration of UNETR. */
export type UnetrConfig = z.infer<typeof unetrConfigSchema>;

const monaiSchema = z.object({
  in_channels: z.int(),
  out_channels: z.int().default(2),
  img_size: z.union([z.int(), z.array(z.int())]),
  spatial_dims: z.union([z.literal(2), z.literal(3)]).optional(),
  feature_size: z.int().optional(),
  hidden_size: z.int().optional(),
  mlp_dim: z.int().optional(),
  num_heads: z.int().optional(),
  proj_type: z.enum(["conv", "perceptron"]).optional(),
  // The older word for `proj_type`.
  pos_embed: z.enum(["conv", "perceptron"]).optional(),
  norm_name: monaiBlockNormSchema.optional(),
  conv_block: z.boolean().optional(),
  res_block: z.boolean().optional(),
  qkv_bias: z.boolean().optional(),
});

/** Begins the message about arguments that do not fit. */
const origin = "these arguments are no MONAI UNETR";

/**
 * Configuration from the arguments of MONAI's `UNETR`.
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing or ask for another architecture
 */
export function unetrFromMonai(network: unknown): UnetrConfig {
  const given = readPublishedConfig(origin, monaiSchema, network, {
    neutral: [...monaiNeutralKeys, "dropout_rate", "save_attn"],
  });
  return readPublishedConfig(origin, unetrConfigSchema, {
    imageSize: monaiExtents(origin, given.img_size, given.spatial_dims),
    channels: given.in_channels,
    classes: given.out_channels,
    featureWidth: given.feature_size,
    width: given.hidden_size,
    hiddenWidth: given.mlp_dim,
    heads: given.num_heads,
    qkvBias: given.qkv_bias,
    norm: given.norm_name,
    projection: (given.proj_type ?? given.pos_embed) === "perceptron" ? "perceptron" : "convolution",
    convolutionalSkips: given.conv_block,
    residual: given.res_block,
  });
}

/** Arguments of MONAI's `UNETR`. */
export const unetrToMonai = (config: Omit<UnetrConfig, "classes">) => ({
  _target_: "UNETR",
  spatial_dims: config.imageSize.length,
  img_size: config.imageSize,
  in_channels: config.channels,
  feature_size: config.featureWidth,
  hidden_size: config.width,
  mlp_dim: config.hiddenWidth,
  num_heads: config.heads,
  qkv_bias: config.qkvBias,
  norm_name: monaiNorm(config.norm),
  proj_type: config.projection === "perceptron" ? "perceptron" : "conv",
  conv_block: config.convolutionalSkips,
  res_block: config.residual,
});

/** What UNETR computes before any class is told apart. */
export interface UnetrStates extends UnetStates {
  /** Result of each transformer block, `[batch, patches, width]`. */
  readonly hidden: readonly Value[];
  /** Tokens after the last normalization, `[batch, patches, width]`. */
  readonly tokens: Value;
}

/** What UNETR computes. */
export interface UnetrOutputs {
  /** Result of each transformer block, `[batch, patches, width]`. */
  readonly hidden: readonly Value[];
  /** Tokens after the last normalization, `[batch, patches, width]`. */
  readonly tokens: Value;
  /** `[batch, classes, ...spatial]` */
  readonly logits: Value;
}

/**
 * Transformer and decoder of UNETR; see `unetr`.
 *
 * @param images `[batch, channels, ...imageSize]`
 * @throws VesaliusError `shape-mismatch` where an extent is no multiple of 16
 */
export function unetrStates(
  images: Value,
  config: Omit<UnetrConfig, "classes">,
  mode: ForwardMode = { training: false },
): UnetrStates {
  checkExtents(
    images.shape.slice(2),
    config.imageSize.map(() => patchSize),
  );
  const { featureWidth, width, norm, residual } = config;
  const style = { norm, residual, mode };
  const grid = config.imageSize.map((extent) => extent / patchSize);
  const projection = "vit.patch_embedding.patch_embeddings";
  const patches =
    config.projection === "perceptron"
      ? linearLayer(patchify(images, patchSize, "channelLast"), `${projection}.1`, width)
      : patchEmbedding(images, projection, patchSize, width);
  const positions = images.graph.parameter(
    "vit.patch_embedding.position_embeddings",
    [1, patches.shape[1]!, width],
    transformerInit,
  );
  const hidden: Value[] = [];
  let x = add(patches, positions);
  for (let i = 0; i < depth; i++) {
    x = preNormBlock(x, `vit.blocks.${i}`, {
      heads: config.heads,
      mlpRatio: config.hiddenWidth / width,
      epsilon,
      qkvBias: config.qkvBias,
      names: monaiTransformerNames,
      attentionNames: { weight: "qkv.weight", bias: "qkv.bias", output: "out_proj" },
    });
    hidden.push(x);
  }
  const tokens = layerNormLayer(x, "vit.norm", epsilon);
  const asImage = (value: Value): Value => channelsFirst(reshape(value, [value.shape[0]!, ...grid, width]));
  /** Skip connection from a transformer block: as many doublings of the resolution as lie between it and the decoder. */
  const skip = (value: Value, name: string, channels: number, doublings: number): Value => {
    let up = unetrUpsample(asImage(value), `${name}.transp_conv_init`, channels);
    for (let i = 0; i < doublings; i++) {
      const block = `${name}.blocks.${i}`;
      up = config.convolutionalSkips
        ? unetrBlock(unetrUpsample(up, `${block}.0`, channels), `${block}.1`, channels, style)
        : unetrUpsample(up, block, channels);
    }
    return up;
  };
  const level1 = unetrBlock(images, "encoder1.layer", featureWidth, style);
  const level2 = skip(hidden[3]!, "encoder2", 2 * featureWidth, 2);
  const level3 = skip(hidden[6]!, "encoder3", 4 * featureWidth, 1);
  const level4 = skip(hidden[9]!, "encoder4", 8 * featureWidth, 0);
  const coarse = unetrUpBlock(asImage(tokens), level4, "decoder5", style);
  const middle = unetrUpBlock(coarse, level3, "decoder4", style);
  const fine = unetrUpBlock(middle, level2, "decoder3", style);
  const finest = unetrUpBlock(fine, level1, "decoder2", style);
  return { hidden, tokens, encoder: [asImage(tokens)], decoder: [finest, fine, middle, coarse] };
}

/**
 * UNETR (Hatamizadeh et al. 2022) as MONAI builds it, with the parameter names of its checkpoints: a vision transformer
 * of 12 blocks, the fourth, seventh and tenth of which feed a convolutional decoder.
 *
 * @param images `[batch, channels, ...imageSize]`
 */
export function unetr(images: Value, config: UnetrConfig, mode?: ForwardMode): UnetrOutputs {
  const { hidden, tokens, decoder } = unetrStates(images, config, mode);
  return { hidden, tokens, logits: unetrHead(decoder[0]!, config.classes) };
}
