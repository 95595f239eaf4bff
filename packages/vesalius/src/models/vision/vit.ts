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
import { heightAndWidth, imageSizeSchema, patchGrid } from "../image-roles.ts";
import { hiddenActivations, hiddenActivationSchema } from "../layers/hidden-activations.ts";
import { layerNormLayer, linearLayer, transformerInit } from "../layers/linear.ts";
import { patchEmbedding, sineCosinePositions } from "../layers/patches.ts";
import { preNormBlock } from "../layers/transformer.ts";

/** Configuration of a vision transformer. */
export const vitConfigSchema = z.strictObject({
  /** Height and width of the input in pixels. */
  imageSize: imageSizeSchema.default(224),
  /** Height and width of a patch in pixels; divide those of the image. */
  patchSize: imageSizeSchema.default(16),
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
  /** Epsilon of every layer normalization; that of timm and MAE by default. */
  epsilon: z.number().positive().default(1e-6),
  activation: hiddenActivationSchema.default("gelu"),
  /** Start of the factors on the two branches of each block (LayerScale, Touvron et al. 2021); none where it is left out. */
  layerScale: z.number().positive().optional(),
});

/** Rows and columns of patches. */
export type PatchGrid = readonly [rows: number, columns: number];

/** Configuration of a vision transformer. */
export type VitConfig = z.infer<typeof vitConfigSchema>;

/**
 * Start of every linear layer: Xavier's uniform distribution, as in the code of ViT's and MAE's authors. The deviation
 * of 0.02 that wide transformers start with is far too small for narrow ones: their attention begins even over all
 * tokens and needs hundreds of steps to tell them apart.
 */
export const vitInit: Initializer = { kind: "xavierUniform" };

/** Rows and columns of patches. */
export const vitGrid = ({ imageSize, patchSize }: Pick<VitConfig, "imageSize" | "patchSize">): PatchGrid =>
  patchGrid(imageSize, patchSize);

/**
 * Position embedding as the parameter `name`; a fixed table is one too, as in MAE's checkpoints, but a buffer,
 * which training leaves alone.
 */
export function positionEmbedding(graph: Graph, name: string, config: VitConfig, width: number): Value {
  const grid = vitGrid(config);
  const leading = config.classToken ? 1 : 0;
  if (config.positions === "learned")
    return graph.parameter(name, [1, leading + grid[0] * grid[1], width], transformerInit);
  return fixedPositions(graph, name, { grid, leading, width });
}

/** Sine and cosine of the positions of patches as the buffer `name`, `[1, leading + rows * columns, width]`. */
export function fixedPositions(
  graph: Graph,
  name: string,
  { grid, leading, width }: { readonly grid: PatchGrid; readonly leading: number; readonly width: number },
): Value {
  const [rows, columns] = grid;
  const shape = [1, leading + rows * columns, width];
  const table: Tensor = { dtype: "float32", shape, data: sineCosinePositions(rows, columns, width, leading) };
  return graph.buffer(name, shape, { kind: "values", tensor: table });
}

/** Patch tokens with their positions, before any class token: `[batch, patches, width]`. */
export function vitPatchTokens(images: Value, config: VitConfig): { tokens: Value; positions: Value } {
  const positions = positionEmbedding(images.graph, "pos_embed", config, config.width);
  const patches = patchEmbedding(images, "patch_embed.proj", heightAndWidth(config.patchSize), config.width);
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
      epsilon: config.epsilon,
      qkvBias: config.qkvBias,
      initializer: vitInit,
      activation: hiddenActivations[config.activation],
      ...(config.layerScale === undefined ? {} : { layerScale: config.layerScale }),
    });
  return x;
}

/**
 * Vision transformer (Dosovitskiy et al. 2021) with the parameter names of timm's checkpoints.
 *
 * @param images `[batch, channels, height, width]`
 * @returns all tokens after the last normalization `[batch, tokens, width]`, and the pooled feature `[batch, width]`
 */
export function vitFeatures(images: Value, config: VitConfig): { tokens: Value; pooled: Value } {
  const { tokens, positions } = vitPatchTokens(images, config);
  return vitFeaturesOf(vitBlocks(withClassToken(tokens, positions, config), config), config);
}

/** Normalised tokens and the pooled feature from the result of the blocks. */
export function vitFeaturesOf(blocks: Value, config: VitConfig): { tokens: Value; pooled: Value } {
  if (config.pooling === "token" && config.classToken) {
    const normed = layerNormLayer(blocks, "norm", config.epsilon);
    return { tokens: normed, pooled: select(normed, 1, 0) };
  }
  // With mean pooling timm normalises the mean instead of the tokens, under another name.
  const patches = config.classToken ? slice(blocks, 1, 1, blocks.shape[1]!) : blocks;
  const mean = reduceMean(patches, [1], { keepDimensions: false });
  return { tokens: blocks, pooled: layerNormLayer(mean, "fc_norm", config.epsilon) };
}

/**
 * Classification head `head.weight` `[classes, width]`, `head.bias` on the pooled feature.
 *
 * @returns logits `[batch, classes]`
 */
export const classificationHead = (pooled: Value, classes: number): Value =>
  linearLayer(pooled, "head", classes, { initializer: { kind: "truncatedNormal", standardDeviation: 0.02 } });
