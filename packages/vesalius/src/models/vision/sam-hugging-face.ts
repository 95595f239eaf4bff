import { z } from "zod";
import type { Tensors } from "../../graph/index.ts";
import { publishedActivationSchema } from "../layers/hidden-activations.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { checkAlike, readPublishedConfig } from "../layers/published-config.ts";
import { renamedWeights, type WeightRule } from "../renamed-weights.ts";
import { samWindows } from "./sam/published-windows.ts";
import { type SamConfig, samConfigSchema } from "./sam.ts";

const count = z.int().positive();
const part = z.record(z.string(), z.unknown()).default({});

const schema = z.object({ vision_config: part, prompt_encoder_config: part, mask_decoder_config: part });

const visionSchema = z.object({
  hidden_size: count.default(768),
  output_channels: count.default(256),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(12),
  num_channels: count.default(3),
  image_size: count.default(1024),
  patch_size: count.default(16),
  hidden_act: publishedActivationSchema("gelu"),
  layer_norm_eps: z.number().positive().default(1e-6),
  qkv_bias: z.boolean().default(true),
  mlp_ratio: z.number().positive().default(4),
  mlp_dim: count.nullish(),
  use_abs_pos: z.boolean().default(true),
  use_rel_pos: z.boolean().default(true),
  window_size: z.int().nonnegative().default(14),
  global_attn_indexes: z.array(z.int().nonnegative()).default([2, 5, 8, 11]),
  num_pos_feats: count.default(128),
});

const promptSchema = z.object({
  hidden_size: count.default(256),
  image_size: count.default(1024),
  patch_size: count.default(16),
  image_embedding_size: count.optional(),
  mask_input_channels: count.default(16),
  num_point_embeddings: z.literal(4).default(4),
  hidden_act: z.literal("gelu").default("gelu"),
  layer_norm_eps: z.literal(1e-6).default(1e-6),
});

const decoderSchema = z.object({
  hidden_size: count.default(256),
  hidden_act: z.literal("relu").default("relu"),
  mlp_dim: count.default(2048),
  num_hidden_layers: count.default(2),
  num_attention_heads: count.default(8),
  attention_downsample_rate: count.default(2),
  num_multimask_outputs: z.int().nonnegative().default(3),
  iou_head_depth: count.default(3),
  iou_head_hidden_dim: count.default(256),
  layer_norm_eps: z.number().positive().default(1e-6),
});

/** Dropout acts in training alone; `scale` is that of the random features' start, which a checkpoint holds. */
const neutral = ["attention_dropout", "scale", "tie_word_embeddings"];

/**
 * Configuration from the `config.json` of transformers' `SamModel`.
 *
 * @throws VesaliusError `bad-configuration` for keys that are missing, change the computation and are not supported, or
 * contradict each other
 */
export function samFromHuggingFace(config: unknown): SamConfig {
  const what = "Segment Anything";
  const read = readHuggingFaceConfig(what, schema, config, { types: ["sam"], classes: ["Sam"], neutral });
  const options = (type: string) => ({ types: [type], classes: ["Sam"], neutral });
  const vision = readHuggingFaceConfig(
    `${what}, its vision_config`,
    visionSchema,
    read.vision_config,
    options("sam_vision_model"),
  );
  const prompt = readHuggingFaceConfig(
    `${what}, its prompt_encoder_config`,
    promptSchema,
    read.prompt_encoder_config,
    options(""),
  );
  const decoder = readHuggingFaceConfig(
    `${what}, its mask_decoder_config`,
    decoderSchema,
    read.mask_decoder_config,
    options(""),
  );
  const grid = Math.floor(vision.image_size / vision.patch_size);
  checkAlike("this config.json is no Segment Anything", [
    ["hidden_size of prompt_encoder_config", prompt.hidden_size, "output_channels", vision.output_channels],
    ["hidden_size of mask_decoder_config", decoder.hidden_size, "output_channels", vision.output_channels],
    ["image_size of prompt_encoder_config", prompt.image_size, "image_size", vision.image_size],
    ["patch_size of prompt_encoder_config", prompt.patch_size, "patch_size", vision.patch_size],
    ["image_embedding_size", prompt.image_embedding_size, "image_size / patch_size", grid],
    ["num_pos_feats", vision.num_pos_feats, "output_channels / 2", vision.output_channels / 2],
  ]);
  return readPublishedConfig(`this config.json is no ${what} that can be built`, samConfigSchema, {
    encoder: {
      imageSize: vision.image_size,
      patchSize: vision.patch_size,
      channels: vision.num_channels,
      width: vision.hidden_size,
      depth: vision.num_hidden_layers,
      heads: vision.num_attention_heads,
      mlpRatio: typeof vision.mlp_dim === "number" ? vision.mlp_dim / vision.hidden_size : vision.mlp_ratio,
      qkvBias: vision.qkv_bias,
      activation: vision.hidden_act,
      epsilon: vision.layer_norm_eps,
      absolutePositions: vision.use_abs_pos,
      relativePositions: vision.use_rel_pos,
      ...samWindows(vision.window_size, vision.global_attn_indexes, vision.num_hidden_layers),
      outputChannels: vision.output_channels,
    },
    maskChannels: prompt.mask_input_channels,
    decoder: {
      depth: decoder.num_hidden_layers,
      heads: decoder.num_attention_heads,
      hiddenWidth: decoder.mlp_dim,
      attentionReduction: decoder.attention_downsample_rate,
      ambiguousMasks: decoder.num_multimask_outputs,
      qualityDepth: decoder.iou_head_depth,
      qualityWidth: decoder.iou_head_hidden_dim,
      epsilon: decoder.layer_norm_eps,
    },
  });
}

/** Layers of a sequence that transformers gives names, by their places in Meta's. */
const sequence = (stored: string, own: string, names: Readonly<Record<string, number>>): WeightRule[] =>
  Object.entries(names).map(([name, place]) => ({
    stored: new RegExp(`^${stored}\\.${name}\\.(weight|bias)$`),
    own: `${own}.${place}.$1`,
  }));

/** A perceptron whose first and last layers transformers names apart. */
const perceptron = (stored: string, own: string, depth: number): WeightRule[] => [
  { stored: new RegExp(`^${stored}\\.proj_in\\.(weight|bias)$`), own: `${own}.layers.0.$1` },
  { stored: new RegExp(`^${stored}\\.proj_out\\.(weight|bias)$`), own: `${own}.layers.${depth - 1}.$1` },
  ...Array.from({ length: Math.max(0, depth - 2) }, (_, i) => ({
    stored: new RegExp(`^${stored}\\.layers\\.${i}\\.(weight|bias)$`),
    own: `${own}.layers.${i + 1}.$1`,
  })),
];

function rulesFor({ decoder }: SamConfig): readonly WeightRule[] {
  const head = (name: string, depth: number) => perceptron(`mask_decoder\\.${name}`, `mask_decoder.${name}`, depth);
  return [
    { stored: /^vision_encoder\.patch_embed\.projection\.(.*)$/, own: "image_encoder.patch_embed.proj.$1" },
    { stored: /^vision_encoder\.pos_embed$/, own: "image_encoder.pos_embed" },
    { stored: /^vision_encoder\.layers\.(\d+)\.layer_norm([12])\.(.*)$/, own: "image_encoder.blocks.$1.norm$2.$3" },
    { stored: /^vision_encoder\.layers\.(\d+)\.(.*)$/, own: "image_encoder.blocks.$1.$2" },
    ...sequence("vision_encoder\\.neck", "image_encoder.neck", { conv1: 0, layer_norm1: 1, conv2: 2, layer_norm2: 3 }),
    {
      stored: /^(?:shared_image_embedding|prompt_encoder\.shared_embedding)\.positional_embedding$/,
      own: "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
    },
    ...sequence("prompt_encoder\\.mask_embed", "prompt_encoder.mask_downscaling", {
      conv1: 0,
      layer_norm1: 1,
      conv2: 3,
      layer_norm2: 4,
      conv3: 6,
    }),
    { stored: /^prompt_encoder\.point_embed\.(\d+)\.weight$/, own: "prompt_encoder.point_embeddings.$1.weight" },
    {
      stored: /^mask_decoder\.transformer\.(layers\.\d+\.)?layer_norm(\d|_final_attn)\.(.*)$/,
      own: "mask_decoder.transformer.$1norm$2.$3",
    },
    ...sequence("mask_decoder", "mask_decoder.output_upscaling", {
      upscale_conv1: 0,
      upscale_layer_norm: 1,
      upscale_conv2: 3,
    }),
    ...head("iou_prediction_head", decoder.qualityDepth),
    ...Array.from({ length: 1 + decoder.ambiguousMasks }, (_, i) => {
      const own = `mask_decoder.output_hypernetworks_mlps.${i}`;
      return perceptron(`mask_decoder\\.output_hypernetworks_mlps\\.${i}`, own, 3);
    }).flat(),
  ];
}

/**
 * Weights of transformers' `SamModel` under the names of Meta's checkpoints, which the functions here have.
 *
 * @param config of `samFromHuggingFace`
 */
export const samWeightsFromHuggingFace = (stored: Tensors, config: SamConfig): Tensors =>
  renamedWeights(stored, rulesFor(config));
