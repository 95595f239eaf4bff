import { z } from "zod";
import { layerNorm, reshape, type Value } from "../../graph/index.ts";
import { channelsFirst, channelsLast, type ForwardMode } from "../layers/normalization.ts";
import { patchEmbedding } from "../layers/patches.ts";
import { checkExtents } from "../layers/extents.ts";
import { monaiBlockNormSchema, monaiExtents, monaiNeutralKeys, monaiNorm } from "../layers/monai.ts";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import { monaiVolumeOffsets, patchMerging, planeOffsets, swinBlock, volumeOffsets } from "../layers/swin-block.ts";
import { layerNormLayer, monaiTransformerNames } from "../layers/transformer.ts";
import { unetrBlock, unetrHead, unetrNormSchema, unetrUpBlock } from "../layers/unetr-decoder.ts";
import type { UnetStates } from "./basic-unet.ts";

const patchSize = 2;
/** Four mergings after the patches. */
const smallestExtent = 32;

/** Configuration of Swin UNETR; the published BTCV model by default. */
export const swinUnetrConfigSchema = z.strictObject({
  channels: z.int().positive().default(1),
  classes: z.int().positive().default(14),
  /** Channels of the finest level; each stage doubles them. */
  featureWidth: z.int().positive().default(48),
  depths: z.array(z.int().positive()).length(4).default([2, 2, 2, 2]),
  heads: z.array(z.int().positive()).length(4).default([3, 6, 12, 24]),
  /** Extent of a window, along every axis or along each. */
  windowSize: z.union([z.int().positive(), z.array(z.int().positive()).min(2).max(3)]).default(7),
  /** Width of the perceptrons as a multiple of that of their stage. */
  mlpRatio: z.number().positive().default(4),
  qkvBias: z.boolean().default(true),
  /** Whether the vectors of patches are normalised. */
  patchNorm: z.boolean().default(false),
  norm: unetrNormSchema.default({ kind: "instance", affine: false }),
  /** Order of the sub-grids that are merged in a volume: MONAI's first, which takes two of them twice, or its second. */
  merging: z.enum(["first", "second"]).default("first"),
  /** Whether the features of each stage are normalised over their channels. */
  normalizeFeatures: z.boolean().default(true),
  /** Whether a block of convolutions stands in front of each stage, as in the second version of Swin UNETR. */
  convolutionalStages: z.boolean().default(false),
});

/** Configuration of Swin UNETR. */
export type SwinUnetrConfig = z.infer<typeof swinUnetrConfigSchema>;

const monaiSchema = z.object({
  in_channels: z.int(),
  out_channels: z.int().default(2),
  depths: z.array(z.int()).optional(),
  num_heads: z.array(z.int()).optional(),
  // MONAI's own default, which is not that of the published models.
  feature_size: z.int().default(24),
  spatial_dims: z.union([z.literal(2), z.literal(3)]).default(3),
  norm_name: monaiBlockNormSchema.optional(),
  normalize: z.boolean().optional(),
  downsample: z.enum(["merging", "mergingv2"]).default("merging"),
  use_v2: z.boolean().optional(),
  patch_size: z.literal(2).default(2),
  window_size: z.union([z.int(), z.array(z.int())]).optional(),
  qkv_bias: z.boolean().optional(),
  mlp_ratio: z.number().optional(),
  patch_norm: z.boolean().optional(),
});

/** The size that the network takes anyway, and rates of dropout, which act in training only. */
const neutralKeys = [
  ...monaiNeutralKeys,
  ...keysIn("img_size drop_rate attn_drop_rate dropout_path_rate use_checkpoint"),
];

/** Begins the message about arguments that do not fit. */
const origin = "these arguments are no MONAI SwinUNETR";

/** A window as one extent where it is as large along every axis. */
function windowSizeOf(given: number | readonly number[] | undefined, axes: number) {
  if (given === undefined) return undefined;
  const extents = monaiExtents(origin, given, axes);
  return new Set(extents).size === 1 ? extents[0] : extents;
}

/**
 * Configuration from the arguments of MONAI's `SwinUNETR`.
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing or ask for another architecture
 */
export function swinUnetrFromMonai(network: unknown): SwinUnetrConfig {
  const given = readPublishedConfig(origin, monaiSchema, network, { neutral: neutralKeys });
  return readPublishedConfig(origin, swinUnetrConfigSchema, {
    channels: given.in_channels,
    classes: given.out_channels,
    featureWidth: given.feature_size,
    windowSize: windowSizeOf(given.window_size, given.spatial_dims),
    mlpRatio: given.mlp_ratio,
    qkvBias: given.qkv_bias,
    patchNorm: given.patch_norm,
    depths: given.depths,
    heads: given.num_heads,
    norm: given.norm_name,
    merging: given.downsample === "merging" ? "first" : "second",
    normalizeFeatures: given.normalize,
    convolutionalStages: given.use_v2,
  });
}

/** Arguments of MONAI's `SwinUNETR`. */
export const swinUnetrToMonai = (config: Omit<SwinUnetrConfig, "classes">, spatial: number) => ({
  _target_: "SwinUNETR",
  spatial_dims: spatial,
  in_channels: config.channels,
  feature_size: config.featureWidth,
  depths: config.depths,
  num_heads: config.heads,
  window_size: config.windowSize,
  norm_name: monaiNorm(config.norm),
  downsample: config.merging === "first" ? "merging" : "mergingv2",
  normalize: config.normalizeFeatures,
  mlp_ratio: config.mlpRatio,
  qkv_bias: config.qkvBias,
  patch_norm: config.patchNorm,
  use_v2: config.convolutionalStages,
});

/** Blocks in front of a stage have residual connections and instance normalization, whatever the decoder has. */
const stageStyle = { norm: { kind: "instance", affine: false }, mode: { training: false } } as const;

/** Features of each stage of the Swin encoder, fine to coarse: `[batch, featureWidth * 2^stage, ...spatial / 2^(stage+1)]`. */
export function swinUnetrEncoder(images: Value, config: Omit<SwinUnetrConfig, "classes">): readonly Value[] {
  const rank = images.rank - 2;
  const { graph } = images;
  const window = monaiExtents("the windows of Swin UNETR", config.windowSize, rank);
  const volume = config.merging === "first" ? monaiVolumeOffsets : volumeOffsets;
  /** Features without learned scale and bias, so that the decoder sees every stage at one scale. */
  const result = (x: Value): Value => {
    const shape = [x.shape.at(-1)!];
    return channelsFirst(config.normalizeFeatures ? layerNorm(x, graph.filled(shape, 1), graph.filled(shape, 0)) : x);
  };
  const patches = patchEmbedding(images, "swinViT.patch_embed.proj", patchSize, config.featureWidth);
  const grid = images.shape.slice(2).map((extent) => extent / patchSize);
  const normed = config.patchNorm ? layerNormLayer(patches, "swinViT.patch_embed.norm", 1e-5) : patches;
  let x = reshape(normed, [images.shape[0]!, ...grid, config.featureWidth]);
  const stages = [result(x)];
  config.depths.forEach((depth, stage) => {
    const name = `swinViT.layers${stage + 1}.0`;
    if (config.convolutionalStages) {
      const image = channelsFirst(x);
      x = channelsLast(unetrBlock(image, `swinViT.layers${stage + 1}c.0.layer`, image.shape[1]!, stageStyle));
    }
    for (let i = 0; i < depth; i++)
      x = swinBlock(x, `${name}.blocks.${i}`, {
        heads: config.heads[stage]!,
        window,
        tableWindow: window,
        shifted: i % 2 === 1,
        mlpRatio: config.mlpRatio,
        qkvBias: config.qkvBias,
        names: monaiTransformerNames,
      });
    x = patchMerging(x, `${name}.downsample`, rank === 3 ? volume : planeOffsets);
    stages.push(result(x));
  });
  return stages;
}

/**
 * Encoder and decoder of Swin UNETR; see `swinUnetr`.
 *
 * @param images `[batch, channels, height, width]` or `[batch, channels, height, width, depth]`
 * @throws VesaliusError `shape-mismatch` where an extent is no multiple of 32
 */
export function swinUnetrStates(
  images: Value,
  config: Omit<SwinUnetrConfig, "classes">,
  mode: ForwardMode = { training: false },
): UnetStates {
  const extents = images.shape.slice(2);
  checkExtents(
    extents,
    extents.map(() => smallestExtent),
  );
  const style = { norm: config.norm, mode };
  const hidden = swinUnetrEncoder(images, config);
  const level = (x: Value, name: string): Value => unetrBlock(x, `${name}.layer`, x.shape[1]!, style);
  const finest = unetrBlock(images, "encoder1.layer", config.featureWidth, style);
  const skips = [level(hidden[0]!, "encoder2"), level(hidden[1]!, "encoder3"), level(hidden[2]!, "encoder4")] as const;
  const decoder = [level(hidden[4]!, "encoder10")];
  const up = (skip: Value, name: string): void => {
    decoder.unshift(unetrUpBlock(decoder[0]!, skip, name, style));
  };
  up(hidden[3]!, "decoder5");
  up(skips[2], "decoder4");
  up(skips[1], "decoder3");
  up(skips[0], "decoder2");
  up(finest, "decoder1");
  return { encoder: hidden, decoder };
}

/**
 * Swin UNETR (Hatamizadeh et al. 2022) as MONAI builds it, with the parameter names of its checkpoints: a Swin encoder
 * whose stages feed a convolutional decoder. The buffers `relative_position_index` follow from the window and are left
 * out.
 *
 * @param images `[batch, channels, height, width]` or `[batch, channels, height, width, depth]`, every extent a multiple
 * of 32
 * @returns the features of each stage and logits `[batch, classes, ...spatial]`
 */
export function swinUnetr(
  images: Value,
  config: SwinUnetrConfig,
  mode?: ForwardMode,
): { hidden: readonly Value[]; logits: Value } {
  const { encoder, decoder } = swinUnetrStates(images, config, mode);
  return { hidden: encoder, logits: unetrHead(decoder[0]!, config.classes) };
}
