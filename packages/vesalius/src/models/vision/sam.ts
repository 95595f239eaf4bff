import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { resize, sliceAxes, type Value } from "../../graph/index.ts";
import { type Alike, checkAlike, readPublishedConfig } from "../layers/published-config.ts";
import { samWindows } from "./sam/published-windows.ts";
import { samEncoderSchema, samImageEncoder } from "./sam/image-encoder.ts";
import { type SamMasks, samMaskDecoder } from "./sam/mask-decoder.ts";
import { samImagePositions, samPromptEncoder, type SamPromptOptions, type SamPrompts } from "./sam/prompt-encoder.ts";

/** Configuration of Segment Anything; ViT-B by default. */
export const samConfigSchema = z.strictObject({
  encoder: samEncoderSchema.prefault({}),
  /** Channels inside the encoder of masks. */
  maskChannels: z.int().positive().multipleOf(4).default(16),
  decoder: z
    .strictObject({
      depth: z.int().positive().default(2),
      heads: z.int().positive().default(8),
      hiddenWidth: z.int().positive().default(2048),
      attentionReduction: z.int().positive().default(2),
      ambiguousMasks: z.int().nonnegative().default(3),
      qualityDepth: z.int().positive().default(3),
      qualityWidth: z.int().positive().default(256),
      /** Epsilon of the layer normalizations of the blocks. */
      epsilon: z.number().positive().default(1e-5),
    })
    .prefault({}),
});

/** Configuration of Segment Anything. */
export type SamConfig = z.infer<typeof samConfigSchema>;

const metaSchema = z.object({
  image_encoder: z.strictObject({
    img_size: z.int(),
    patch_size: z.int(),
    embed_dim: z.int(),
    depth: z.int(),
    num_heads: z.int(),
    mlp_ratio: z.number(),
    qkv_bias: z.boolean(),
    window_size: z.int().nonnegative(),
    global_attn_indexes: z.array(z.int()),
    out_chans: z.int(),
    use_rel_pos: z.boolean(),
    use_abs_pos: z.boolean().default(true),
    layer_norm_eps: z.number().positive().default(1e-6),
    in_chans: z.int().positive().default(3),
    // A start that decides nothing of a trained model.
    rel_pos_zero_init: z.boolean().optional(),
  }),
  // Sizes beside the first follow from those of the image encoder.
  prompt_encoder: z.strictObject({
    mask_in_chans: z.int(),
    embed_dim: z.int().optional(),
    image_embedding_size: z.array(z.int()).optional(),
    input_image_size: z.array(z.int()).optional(),
  }),
  mask_decoder: z.strictObject({
    transformer_dim: z.int().optional(),
    num_multimask_outputs: z.int(),
    iou_head_depth: z.int(),
    iou_head_hidden_dim: z.int(),
    transformer: z.strictObject({
      embedding_dim: z.int().optional(),
      depth: z.int(),
      mlp_dim: z.int(),
      num_heads: z.int(),
      attention_downsample_rate: z.int().default(2),
    }),
  }),
});

/** Begins the message about arguments that do not fit. */
const origin = "these arguments are no Segment Anything";

/**
 * Configuration from the arguments of the three parts of `Sam` in facebookresearch/segment-anything.
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing or ask for another architecture
 */
export function samFromMeta(network: unknown): SamConfig {
  // Which of the decoder's masks are given is the caller's choice.
  const read = readPublishedConfig(origin, metaSchema, network, { neutral: ["multimask_output"] });
  const { image_encoder: encoder, mask_decoder: decoder, prompt_encoder: prompt } = read;
  const channels = ["out_chans", encoder.out_chans] as const;
  const grid = Math.floor(encoder.img_size / encoder.patch_size);
  checkAlike(origin, [
    ["embed_dim of prompt_encoder", prompt.embed_dim, ...channels],
    ["transformer_dim", decoder.transformer_dim, ...channels],
    ["embedding_dim", decoder.transformer.embedding_dim, ...channels],
    ...(prompt.image_embedding_size ?? []).map((extent): Alike => [
      "image_embedding_size",
      extent,
      "img_size / patch_size",
      grid,
    ]),
    ...(prompt.input_image_size ?? []).map((extent): Alike => [
      "input_image_size",
      extent,
      "img_size",
      encoder.img_size,
    ]),
  ]);
  return readPublishedConfig(origin, samConfigSchema, {
    encoder: {
      imageSize: encoder.img_size,
      patchSize: encoder.patch_size,
      width: encoder.embed_dim,
      depth: encoder.depth,
      heads: encoder.num_heads,
      mlpRatio: encoder.mlp_ratio,
      qkvBias: encoder.qkv_bias,
      channels: encoder.in_chans,
      absolutePositions: encoder.use_abs_pos,
      relativePositions: encoder.use_rel_pos,
      epsilon: encoder.layer_norm_eps,
      ...samWindows(encoder.window_size, encoder.global_attn_indexes, encoder.depth),
      outputChannels: encoder.out_chans,
    },
    maskChannels: prompt.mask_in_chans,
    decoder: {
      depth: decoder.transformer.depth,
      heads: decoder.transformer.num_heads,
      hiddenWidth: decoder.transformer.mlp_dim,
      attentionReduction: decoder.transformer.attention_downsample_rate,
      ambiguousMasks: decoder.num_multimask_outputs,
      qualityDepth: decoder.iou_head_depth,
      qualityWidth: decoder.iou_head_hidden_dim,
    },
  });
}

/** What the prompt encoder and the mask decoder compute. */
export interface SamPrediction extends SamMasks {
  readonly sparse: Value;
  readonly dense: Value;
  readonly imagePositions: Value;
}

/** Image embedding `[batch, channels, rows, columns]`, computed once for any number of prompts. */
export const samEmbedding = (images: Value, config: SamConfig): Value => samImageEncoder(images, config.encoder);

/**
 * Masks for prompts on an embedded image (Kirillov et al. 2023), with the parameter names of the checkpoints of
 * facebookresearch/segment-anything.
 *
 * @param embedding `[1 or batch, channels, rows, columns]`
 * @param prompts points, boxes or both, each with the same batch
 * @throws VesaliusError `bad-argument` without a point or a box
 */
export function samPrediction(embedding: Value, prompts: SamPrompts, config: SamConfig): SamPrediction {
  const { imageSize, patchSize, outputChannels } = config.encoder;
  const options: SamPromptOptions = {
    channels: outputChannels,
    imageSize,
    gridSize: imageSize / patchSize,
    maskChannels: config.maskChannels,
  };
  const { graph } = embedding;
  const { sparse, dense } = samPromptEncoder(graph, prompts, options);
  if (sparse === undefined)
    throw new VesaliusError("bad-argument", "Segment Anything needs a point with its label, or a box", {
      fix: "give points and labels, or boxes",
    });
  const imagePositions = samImagePositions(graph, options);
  return { sparse, dense, imagePositions, ...samMaskDecoder(embedding, imagePositions, sparse, dense, config.decoder) };
}

/**
 * Mask logits at the resolution of the original image: enlarged to the model's square input, cut to the part that the
 * image fills, and resampled.
 *
 * @param masks `[batch, masks, rows, columns]`
 * @param inputSize height and width of the image inside the model's input, without the padding
 * @param originalSize height and width of the image before it was resized
 * @returns `[batch, masks, ...originalSize]`
 */
export function samOriginalMasks(
  masks: Value,
  inputSize: readonly [number, number],
  originalSize: readonly [number, number],
  config: SamConfig,
): Value {
  const { imageSize } = config.encoder;
  const square = resize(masks, [imageSize, imageSize]);
  const filled = sliceAxes(square, [
    { axis: 2, start: 0, end: inputSize[0] },
    { axis: 3, start: 0, end: inputSize[1] },
  ]);
  return resize(filled, originalSize);
}
