import { z } from "zod";
import { add, reduceMean, reshape, type Value } from "../../graph/index.ts";
import { patchEmbedding } from "../layers/patches.ts";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import { patchMerging, planeOffsets, swinBlock } from "../layers/swin-block.ts";
import { layerNormLayer, linearLayer, timmBlockNames, transformerInit } from "../layers/transformer.ts";

/** Configuration of a Swin transformer; Swin-T for 224 pixels by default. */
export const swinConfigSchema = z
  .strictObject({
    imageSize: z.int().positive().default(224),
    patchSize: z.int().positive().default(4),
    channels: z.int().positive().default(3),
    /** Width of the first stage; each stage doubles it. */
    width: z.int().positive().default(96),
    depths: z.array(z.int().positive()).min(1).default([2, 2, 6, 2]),
    heads: z.array(z.int().positive()).min(1).default([3, 6, 12, 24]),
    windowSize: z.int().positive().default(7),
    mlpRatio: z.number().positive().default(4),
    qkvBias: z.boolean().default(true),
    /** Factor on the scores; the width of a head to the power of -1/2 where it is left out. */
    scoreScale: z.number().positive().optional(),
    /** Learned absolute positions `absolute_pos_embed` beside the relative ones. */
    absolutePositions: z.boolean().default(false),
    /** Whether patches are normalised in front of the first stage. */
    patchNorm: z.boolean().default(true),
  })
  .refine(({ depths, heads }) => depths.length === heads.length, {
    error: "depths and heads have one entry for each stage",
    path: ["heads"],
  })
  .refine(({ imageSize, patchSize, depths }) => imageSize % (patchSize * 2 ** (depths.length - 1)) === 0, {
    error: "the image size is a multiple of the patch size, doubled for each stage after the first",
    path: ["imageSize"],
  });

/** Configuration of a Swin transformer. */
export type SwinConfig = z.infer<typeof swinConfigSchema>;

const microsoftSchema = z.object({
  img_size: z.int().optional(),
  patch_size: z.int().optional(),
  in_chans: z.int().optional(),
  embed_dim: z.int().optional(),
  depths: z.array(z.int()).optional(),
  num_heads: z.array(z.int()).optional(),
  window_size: z.int().optional(),
  mlp_ratio: z.number().optional(),
  qkv_bias: z.boolean().optional(),
  qk_scale: z.number().nullish(),
  ape: z.boolean().optional(),
  patch_norm: z.boolean().optional(),
});

/** Rates of dropout, which act in training only, and other ways to the same numbers. */
const neutralKeys = keysIn("num_classes drop_rate attn_drop_rate drop_path_rate use_checkpoint fused_window_process");

/** Begins the message about arguments that do not fit. */
const origin = "these arguments are no Swin transformer";

/**
 * Configuration from the arguments of `SwinTransformer` in microsoft/Swin-Transformer.
 *
 * @throws VesaliusError `bad-configuration` where arguments ask for another architecture
 */
export function swinFromMicrosoft(network: unknown): SwinConfig {
  const given = readPublishedConfig(origin, microsoftSchema, network, { neutral: neutralKeys });
  return readPublishedConfig(origin, swinConfigSchema, {
    imageSize: given.img_size,
    patchSize: given.patch_size,
    channels: given.in_chans,
    width: given.embed_dim,
    depths: given.depths,
    heads: given.num_heads,
    windowSize: given.window_size,
    mlpRatio: given.mlp_ratio,
    qkvBias: given.qkv_bias,
    // Zero is none in the original.
    scoreScale: given.qk_scale || undefined,
    absolutePositions: given.ape,
    patchNorm: given.patch_norm,
  });
}

/** Features of a Swin transformer. */
export interface SwinFeatures {
  /** Result of each stage's blocks before merging, `[batch, rows, columns, width]`. */
  readonly stages: readonly Value[];
  /** Result of each patch merging, the input of the next stage. */
  readonly merged: readonly Value[];
  /** The last stage, normalised, `[batch, places, width]`. */
  readonly tokens: Value;
  /** Mean of the normalised tokens, `[batch, width]`. */
  readonly pooled: Value;
}

/**
 * Swin transformer (Liu et al. 2021) with the parameter names of microsoft/Swin-Transformer. The buffers
 * `relative_position_index` and `attn_mask` of its checkpoints follow from the configuration and are left out.
 *
 * @param images `[batch, channels, imageSize, imageSize]`
 */
export function swinFeatures(images: Value, config: SwinConfig): SwinFeatures {
  const batch = images.shape[0]!;
  const side = config.imageSize / config.patchSize;
  const embedded = patchEmbedding(images, "patch_embed.proj", config.patchSize, config.width);
  const normed = config.patchNorm ? layerNormLayer(embedded, "patch_embed.norm", 1e-5) : embedded;
  const positions = (): Value =>
    images.graph.parameter("absolute_pos_embed", [1, side * side, config.width], transformerInit);
  const patches = config.absolutePositions ? add(normed, positions()) : normed;
  const stages: Value[] = [];
  const merged: Value[] = [];
  let x = reshape(patches, [batch, side, side, config.width]);
  config.depths.forEach((depth, stage) => {
    for (let i = 0; i < depth; i++)
      x = swinBlock(x, `layers.${stage}.blocks.${i}`, {
        heads: config.heads[stage]!,
        window: [config.windowSize, config.windowSize],
        shifted: i % 2 === 1,
        mlpRatio: config.mlpRatio,
        qkvBias: config.qkvBias,
        scale: config.scoreScale,
        names: timmBlockNames,
      });
    stages.push(x);
    if (stage === config.depths.length - 1) return;
    x = patchMerging(x, `layers.${stage}.downsample`, planeOffsets);
    merged.push(x);
  });
  const final = layerNormLayer(x, "norm", 1e-5);
  const tokens = reshape(final, [batch, -1, final.shape.at(-1)!]);
  return { stages, merged, tokens, pooled: reduceMean(tokens, [1], { keepDimensions: false }) };
}

/**
 * Classification head `head.weight` `[classes, width]`, `head.bias` on the pooled features `[batch, width]`.
 *
 * @returns logits `[batch, classes]`
 */
export const swinClassifier = (pooled: Value, classes: number): Value => linearLayer(pooled, "head", classes);
