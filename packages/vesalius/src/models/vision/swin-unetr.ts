import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { layerNorm, reshape, type Value } from "../../graph/index.ts";
import { channelsFirst } from "../layers/normalization.ts";
import { patchEmbedding } from "../layers/patches.ts";
import { checkExtents } from "../layers/extents.ts";
import { monaiNeutralKeys } from "../layers/monai.ts";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import { monaiVolumeOffsets, patchMerging, planeOffsets, swinBlock, volumeOffsets } from "../layers/swin-block.ts";
import { monaiTransformerNames } from "../layers/transformer.ts";
import {
  monaiNormName,
  monaiNormSchema,
  unetrHead,
  unetrNormSchema,
  unetrResidualBlock,
  unetrUpBlock,
} from "../layers/unetr-decoder.ts";
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
  /** Extent of a window along every axis. */
  windowSize: z.int().positive().default(7),
  norm: unetrNormSchema.default({ kind: "instance" }),
  /** Order of the sub-grids that are merged in a volume: MONAI's first, which takes two of them twice, or its second. */
  merging: z.enum(["first", "second"]).default("first"),
  /** Whether the features of each stage are normalised over their channels. */
  normalizeFeatures: z.boolean().default(true),
});

/** Configuration of Swin UNETR. */
export type SwinUnetrConfig = z.infer<typeof swinUnetrConfigSchema>;

const monaiSchema = z.object({
  in_channels: z.int(),
  out_channels: z.int().default(2),
  depths: z.array(z.int()).optional(),
  num_heads: z.array(z.int()).optional(),
  feature_size: z.int().optional(),
  norm_name: monaiNormSchema.default({ kind: "instance" }),
  normalize: z.boolean().optional(),
  downsample: z.enum(["merging", "mergingv2"]).default("merging"),
  use_v2: z.literal(false).default(false),
  patch_size: z.literal(2).default(2),
  window_size: z.union([z.int(), z.array(z.int())]).optional(),
  qkv_bias: z.literal(true).default(true),
  mlp_ratio: z.literal(4).default(4),
  patch_norm: z.literal(false).default(false),
});

/** The size that the network takes anyway, and rates of dropout, which act in training only. */
const neutralKeys = [
  ...monaiNeutralKeys,
  ...keysIn("img_size drop_rate attn_drop_rate dropout_path_rate use_checkpoint"),
];

/** The extent of a window that is as large along every axis. */
function windowSizeOf(given: number | readonly number[] | undefined): number | undefined {
  const extents = [given ?? []].flat();
  if (new Set(extents).size > 1)
    throw new VesaliusError(
      "bad-configuration",
      `windows of ${extents.join(" x ")} are not supported, only equal extents`,
    );
  return extents[0];
}

/** Begins the message about arguments that do not fit. */
const origin = "these arguments are no MONAI SwinUNETR";

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
    windowSize: windowSizeOf(given.window_size),
    depths: given.depths,
    heads: given.num_heads,
    norm: given.norm_name,
    merging: given.downsample === "merging" ? "first" : "second",
    normalizeFeatures: given.normalize,
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
  norm_name: monaiNormName(config.norm),
  downsample: config.merging === "first" ? "merging" : "mergingv2",
  normalize: config.normalizeFeatures,
});

/** Features of each stage of the Swin encoder, fine to coarse: `[batch, featureWidth * 2^stage, ...spatial / 2^(stage+1)]`. */
export function swinUnetrEncoder(images: Value, config: Omit<SwinUnetrConfig, "classes">): readonly Value[] {
  const rank = images.rank - 2;
  const { graph } = images;
  const window = Array.from({ length: rank }, () => config.windowSize);
  const volume = config.merging === "first" ? monaiVolumeOffsets : volumeOffsets;
  /** Features without learned scale and bias, so that the decoder sees every stage at one scale. */
  const result = (x: Value): Value => {
    const shape = [x.shape.at(-1)!];
    return channelsFirst(config.normalizeFeatures ? layerNorm(x, graph.filled(shape, 1), graph.filled(shape, 0)) : x);
  };
  const patches = patchEmbedding(images, "swinViT.patch_embed.proj", patchSize, config.featureWidth);
  const grid = images.shape.slice(2).map((extent) => extent / patchSize);
  let x = reshape(patches, [images.shape[0]!, ...grid, config.featureWidth]);
  const stages = [result(x)];
  config.depths.forEach((depth, stage) => {
    const name = `swinViT.layers${stage + 1}.0`;
    for (let i = 0; i < depth; i++)
      x = swinBlock(x, `${name}.blocks.${i}`, {
        heads: config.heads[stage]!,
        window,
        tableWindow: window,
        shifted: i % 2 === 1,
        mlpRatio: 4,
        qkvBias: true,
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
export function swinUnetrStates(images: Value, config: Omit<SwinUnetrConfig, "classes">): UnetStates {
  const extents = images.shape.slice(2);
  checkExtents(
    extents,
    extents.map(() => smallestExtent),
  );
  const { norm } = config;
  const hidden = swinUnetrEncoder(images, config);
  const level = (x: Value, name: string): Value => unetrResidualBlock(x, `${name}.layer`, x.shape[1]!, norm);
  const finest = unetrResidualBlock(images, "encoder1.layer", config.featureWidth, norm);
  const skips = [level(hidden[0]!, "encoder2"), level(hidden[1]!, "encoder3"), level(hidden[2]!, "encoder4")] as const;
  const decoder = [level(hidden[4]!, "encoder10")];
  const up = (skip: Value, name: string): void => {
    decoder.unshift(unetrUpBlock(decoder[0]!, skip, name, norm));
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
export function swinUnetr(images: Value, config: SwinUnetrConfig): { hidden: readonly Value[]; logits: Value } {
  const { encoder, decoder } = swinUnetrStates(images, config);
  return { hidden: encoder, logits: unetrHead(decoder[0]!, config.classes) };
}
