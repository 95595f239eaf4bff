import { z } from "zod";
import {
  add,
  cast,
  concat,
  crossEntropy,
  equal,
  exp,
  expand,
  type Graph,
  l2Normalize,
  matMul,
  multiply,
  reduceMax,
  reduceSum,
  reshape,
  select,
  slice,
  transpose,
  type Value,
} from "../../graph/index.ts";
import { imageSizeSchema } from "../image-roles.ts";
import { torchAttentionNames } from "../layers/attention.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { hiddenActivations, hiddenActivationSchema } from "../layers/hidden-activations.ts";
import { layerNormLayer } from "../layers/linear.ts";
import { causalBias } from "../layers/masks.ts";
import { patchEmbedding } from "../layers/patches.ts";
import { openaiBlockNames, preNormBlock } from "../layers/transformer.ts";
import { tableSize } from "../layers/table-size.ts";

/** What is alike in OpenAI's models and may differ in others. */
const blockShape = {
  /** Hidden width of the perceptrons divided by the width. */
  mlpRatio: z.number().positive().default(4),
  activation: hiddenActivationSchema.default("quickGelu"),
  /** Epsilon of every layer normalization. */
  epsilon: z.number().positive().default(1e-5),
};

/** Configuration of CLIP's text tower; the defaults are those of ViT-B/32. */
export const clipTextConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(49408),
  contextLength: z.int().positive().default(77),
  width: z.int().positive().default(512),
  depth: z.int().positive().default(12),
  heads: z.int().positive().default(8),
  ...blockShape,
});

/** Configuration of CLIP's image tower; the defaults are those of ViT-B/32. */
export const clipVisionConfigSchema = z.strictObject({
  /** Height and width of the images, in pixels. */
  imageSize: imageSizeSchema.default(224),
  patchSize: z.int().positive().default(32),
  width: z.int().positive().default(768),
  depth: z.int().positive().default(12),
  heads: z.int().positive().default(12),
  channels: z.int().positive().default(3),
  ...blockShape,
});

/** Configuration of CLIP; the defaults are those of ViT-B/32. */
export const clipConfigSchema = z.strictObject({
  /** Width of the space that both towers share. */
  embeddingWidth: z.int().positive().default(512),
  text: clipTextConfigSchema.prefault({}),
  vision: clipVisionConfigSchema.prefault({}),
});

/** Configuration of CLIP's text tower. */
export type ClipTextConfig = z.infer<typeof clipTextConfigSchema>;
/** Configuration of CLIP's image tower. */
export type ClipVisionConfig = z.infer<typeof clipVisionConfigSchema>;
/** Configuration of CLIP. */
export type ClipConfig = z.infer<typeof clipConfigSchema>;

function blocks(x: Value, name: string, config: ClipTextConfig | ClipVisionConfig, bias?: Value): Value {
  let y = x;
  for (let i = 0; i < config.depth; i++)
    y = preNormBlock(y, `${name}.resblocks.${i}`, {
      heads: config.heads,
      mlpRatio: config.mlpRatio,
      epsilon: config.epsilon,
      activation: hiddenActivations[config.activation],
      names: openaiBlockNames,
      attentionNames: torchAttentionNames,
      ...(bias ? { bias } : {}),
    });
  return y;
}

const normal = (standardDeviation: number) => ({ kind: "normal", standardDeviation }) as const;

/**
 * All tokens of CLIP's image tower, the class token first, before the last normalization: `[batch, 1 + patches, width]`.
 *
 * @param images `[batch, channels, height, width]`
 */
export function clipImageTokens(images: Value, config: ClipVisionConfig): Value {
  const { width, patchSize } = config;
  const graph = images.graph;
  const scale = normal(width ** -0.5);
  const patches = patchEmbedding(images, "visual.conv1", patchSize, width, { bias: false });
  const [batch, count] = patches.shape as [number, number];
  const token = reshape(graph.parameter("visual.class_embedding", [width], scale), [1, 1, width]);
  const positions = graph.parameter("visual.positional_embedding", [count + 1, width], scale);
  const placed = add(concat([expand(token, [batch, 1, width]), patches], 1), positions);
  return blocks(layerNormLayer(placed, "visual.ln_pre", config.epsilon), "visual.transformer", config);
}

/** Features of an image `[batch, embeddingWidth]`, not normalised, of the tokens of `clipImageTokens`. */
export function clipImageProjection(
  tokens: Value,
  { width, epsilon }: ClipVisionConfig,
  embeddingWidth: number,
): Value {
  const pooled = layerNormLayer(select(tokens, 1, 0), "visual.ln_post", epsilon);
  return matMul(pooled, tokens.graph.parameter("visual.proj", [width, embeddingWidth], normal(width ** -0.5)));
}

/**
 * Image tower of CLIP, a vision transformer.
 *
 * @param images `[batch, channels, height, width]`
 * @returns `[batch, embeddingWidth]`, not normalised
 */
export const clipImageFeatures = (images: Value, config: ClipVisionConfig, embeddingWidth: number): Value =>
  clipImageProjection(clipImageTokens(images, config), config, embeddingWidth);

/** 1 at the first place of the largest token number of each row, which is CLIP's end-of-text token, else 0. */
function endOfText(tokens: Value): Value {
  const { graph } = tokens;
  const length = tokens.shape[1]!;
  const numbers = cast(tokens, "float32");
  const data = Float32Array.from({ length: tableSize(length) }, (_, i) => length - i);
  const fromBehind = graph.constant({ dtype: "float32", shape: [1, length], data });
  const places = multiply(cast(equal(numbers, reduceMax(numbers, [1])), "float32"), fromBehind);
  return cast(equal(places, reduceMax(places, [1])), "float32");
}

/** Vectors of the tokens of a text after CLIP's text tower, normalised: `[batch, length, width]`. */
export function clipTextTokens(tokens: Value, config: ClipTextConfig): Value {
  const { width, contextLength } = config;
  const graph: Graph = tokens.graph;
  const length = tokens.shape[1]!;
  const { vectors } = embeddingLayer(tokens, "token_embedding", config.vocabularySize, width, {
    initializer: normal(0.02),
  });
  const positions = graph.parameter("positional_embedding", [contextLength, width], normal(0.01));
  const placed = add(vectors, slice(positions, 0, 0, length));
  return layerNormLayer(blocks(placed, "transformer", config, causalBias(graph, length)), "ln_final", config.epsilon);
}

/** Features of a text `[batch, embeddingWidth]`, not normalised, of the vector of its last token `[batch, width]`. */
export const clipTextProjection = (end: Value, { width }: ClipTextConfig, embeddingWidth: number): Value =>
  matMul(end, end.graph.parameter("text_projection", [width, embeddingWidth], normal(width ** -0.5)));

/**
 * Text tower of CLIP, a causal transformer read at the end-of-text token.
 *
 * @param tokens `[batch, length]`, int32 or int64
 * @returns `[batch, embeddingWidth]`, not normalised
 */
export function clipTextFeatures(tokens: Value, config: ClipTextConfig, embeddingWidth: number): Value {
  const marks = reshape(endOfText(tokens), [...tokens.shape, 1]);
  const end = reduceSum(multiply(clipTextTokens(tokens, config), marks), [1], { keepDimensions: false });
  return clipTextProjection(end, config, embeddingWidth);
}

/** Temperature `exp(logit_scale)`, which starts at 1 / 0.07, scalar. */
export const clipScale = (graph: Graph): Value =>
  exp(graph.parameter("logit_scale", [], { kind: "constant", value: Math.log(1 / 0.07) }));

/** Similarity of every image with every text. */
export interface ClipSimilarity {
  /** `[images, texts]` */
  readonly logitsPerImage: Value;
  /** `[texts, images]` */
  readonly logitsPerText: Value;
}

/**
 * Cosine similarity of both sides' features times the learned `exp(logit_scale)`, which starts at 1 / 0.07.
 *
 * @param image `[images, embeddingWidth]`
 * @param text `[texts, embeddingWidth]`
 */
export function clipSimilarity(image: Value, text: Value): ClipSimilarity {
  const cosine = matMul(l2Normalize(image), transpose(l2Normalize(text), [1, 0]));
  const logitsPerImage = multiply(cosine, clipScale(image.graph));
  return { logitsPerImage, logitsPerText: transpose(logitsPerImage, [1, 0]) };
}

/**
 * Mean of the cross-entropies of both directions where row i belongs to column i, scalar.
 *
 * @param logits `[pairs, pairs]`
 * @param transposed the same, columns first
 */
export function symmetricCrossEntropy(logits: Value, transposed: Value = transpose(logits, [1, 0])): Value {
  const pairs = logits.shape[0]!;
  const data = Int32Array.from({ length: pairs }, (_, i) => i);
  const labels = logits.graph.constant({ dtype: "int32", shape: [pairs], data });
  return multiply(add(crossEntropy(logits, labels), crossEntropy(transposed, labels)), 0.5);
}

/** Symmetric contrastive loss: image i belongs to text i. Mean of the cross-entropies of both directions, scalar. */
export const clipLoss = ({ logitsPerImage, logitsPerText }: ClipSimilarity): Value =>
  symmetricCrossEntropy(logitsPerImage, logitsPerText);

/**
 * CLIP (Radford et al. 2021) with the parameter names of openai/CLIP (`clip/model.py`).
 *
 * @param images `[images, channels, height, width]`
 * @param tokens `[texts, length]`, int32 or int64
 */
export function clip(
  images: Value,
  tokens: Value,
  config: ClipConfig,
): ClipSimilarity & { readonly imageFeatures: Value; readonly textFeatures: Value } {
  const imageFeatures = clipImageFeatures(images, config.vision, config.embeddingWidth);
  const textFeatures = clipTextFeatures(tokens, config.text, config.embeddingWidth);
  return { imageFeatures, textFeatures, ...clipSimilarity(imageFeatures, textFeatures) };
}
