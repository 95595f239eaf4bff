import { z } from "zod";
import {
  add,
  concat,
  expand,
  type Graph,
  type Initializer,
  reduceMean,
  select,
  slice,
  type Tensor,
  type Value,
} from "../../graph/index.ts";
import { layerNormLayer, linearLayer, transformerInit } from "../layers/linear.ts";
import { patchEmbedding, sineCosinePositions } from "../layers/patches.ts";
import { preNormBlock } from "../layers/transformer.ts";

/** Configuration of a vision transformer. */
export const vitConfigSchema = z.strictObject({
  /** Height and width of the input in pixels. */
  imageSize: z.int().positive().default(224),
  /** Height and width of a patch in pixels; divides the image size. */
  patchSize: z.int().positive().default(16),
  channels: z.int().positive().default(3),
  width: z.int().positive().default(768),
  depth: z.int().positive().default(12),
  heads: z.int().positive().default(12),
  /** Hidden width of the perceptrons divided by the width. */
  mlpRatio: z.number().positive().default(4),
  qkvBias: z.boolean().default(true),
  classToken: z.boolean().default(true),
  /** `learned` positions as in ViT, or the fixed `sineCosine` table of MAE. */
  positions: z.enum(["learned", "sineCosine"]).default("learned"),
  /** What the head sees: the class `token`, or the `mean` of the patch tokens. */
  pooling: z.enum(["token", "mean"]).default("token"),
});

/** Configuration of a vision transformer. */
export type VitConfig = z.infer<typeof vitConfigSchema>;

/**
 * Start of every linear layer: Xavier's uniform distribution, as in the code of ViT's and MAE's authors. The deviation
 * of 0.02 that wide transformers start with is far too small for narrow ones: their attention begins even over all
 * tokens and needs hundreds of steps to tell them apart.
 */
export const vitInit: Initializer = { kind: "xavierUniform" };

/** Epsilon of every layer normalization in timm's and MAE's vision transformers. */
export const vitEpsilon = 1e-6;

/**
 * Position embedding as the parameter `name`; a fixed table is one too, as in MAE's checkpoints, but a buffer,
 * which training leaves alone.
 */
export function positionEmbedding(graph: Graph, name: string, config: VitConfig, width: number): Value {
  const side = config.imageSize / config.patchSize;
  const leading = config.classToken ? 1 : 0;
  const shape = [1, leading + side * side, width];
  if (config.positions === "learned") return graph.parameter(name, shape, transformerInit);
  return fixedPositions(graph, name, { side, leading, width });
}

/** Sine and cosine of the positions of patches as the buffer `name`, `[1, leading + side * side, width]`. */
export function fixedPositions(
  graph: Graph,
  name: string,
  { side, leading, width }: { readonly side: number; readonly leading: number; readonly width: number },
): Value {
  const shape = [1, leading + side * side, width];
  const table: Tensor = { dtype: "float32", shape, data: sineCosinePositions(side, side, width, leading) };
  return graph.buffer(name, shape, { kind: "values", tensor: table });
}

/** Patch tokens with their positions, before any class token: `[batch, patches, width]`. */
export function vitPatchTokens(images: Value, config: VitConfig): { tokens: Value; positions: Value } {
  const positions = positionEmbedding(images.graph, "pos_embed", config, config.width);
  const patches = patchEmbedding(images, "patch_embed.proj", config.patchSize, config.width);
  const leading = config.classToken ? 1 : 0;
  const tokens = add(patches, leading === 0 ? positions : slice(positions, 1, leading, positions.shape[1]!));
  return { tokens, positions };
}

/** Puts the class token with its position in front: `[batch, 1 + tokens, width]`. */
export function withClassToken(tokens: Value, positions: Value, config: VitConfig): Value {
  if (!config.classToken) return tokens;
  const token = tokens.graph.parameter("cls_token", [1, 1, config.width], transformerInit);
  const placed = add(token, slice(positions, 1, 0, 1));
  return concat([expand(placed, [tokens.shape[0]!, 1, config.width]), tokens], 1);
}

/** The stack of transformer blocks `blocks.0`, `blocks.1`, ... */
export function vitBlocks(tokens: Value, config: VitConfig): Value {
  let x = tokens;
  for (let i = 0; i < config.depth; i++)
    x = preNormBlock(x, `blocks.${i}`, {
      heads: config.heads,
      mlpRatio: config.mlpRatio,
      epsilon: vitEpsilon,
      qkvBias: config.qkvBias,
      initializer: vitInit,
    });
  return x;
}

/**
 * Vision transformer (Dosovitskiy et al. 2021) with the parameter names of timm's checkpoints.
 *
 * @param images `[batch, channels, imageSize, imageSize]`
 * @returns all tokens after the last normalization `[batch, tokens, width]`, and the pooled feature `[batch, width]`
 */
export function vitFeatures(images: Value, config: VitConfig): { tokens: Value; pooled: Value } {
  const { tokens, positions } = vitPatchTokens(images, config);
  return vitFeaturesOf(vitBlocks(withClassToken(tokens, positions, config), config), config);
}

/** Normalised tokens and the pooled feature from the result of the blocks. */
export function vitFeaturesOf(blocks: Value, config: VitConfig): { tokens: Value; pooled: Value } {
  if (config.pooling === "token" && config.classToken) {
    const normed = layerNormLayer(blocks, "norm", vitEpsilon);
    return { tokens: normed, pooled: select(normed, 1, 0) };
  }
  // With mean pooling timm normalises the mean instead of the tokens, under another name.
  const patches = config.classToken ? slice(blocks, 1, 1, blocks.shape[1]!) : blocks;
  const mean = reduceMean(patches, [1], { keepDimensions: false });
  return { tokens: blocks, pooled: layerNormLayer(mean, "fc_norm", vitEpsilon) };
}

/**
 * Classification head `head.weight` `[classes, width]`, `head.bias` on the pooled feature.
 *
 * @returns logits `[batch, classes]`
 */
export const classificationHead = (pooled: Value, classes: number): Value =>
  linearLayer(pooled, "head", classes, { initializer: { kind: "truncatedNormal", standardDeviation: 0.02 } });
