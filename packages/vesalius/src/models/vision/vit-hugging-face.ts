import { z } from "zod";
import type { Tensors } from "../../graph/index.ts";
import { publishedActivationSchema } from "../layers/hidden-activations.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { keysIn } from "../layers/published-config.ts";
import { publishedSizeSchema } from "../layers/published-size.ts";
import { renamedWeights, type WeightRule } from "../renamed-weights.ts";

const extent = z.int().positive();

const schema = z.object({
  hidden_size: extent.default(768),
  num_hidden_layers: extent.default(12),
  num_attention_heads: extent.default(12),
  intermediate_size: extent.default(3072),
  hidden_act: publishedActivationSchema("gelu"),
  layer_norm_eps: z.number().positive().default(1e-12),
  image_size: publishedSizeSchema.default(224),
  patch_size: publishedSizeSchema.default(16),
  num_channels: extent.default(3),
  qkv_bias: z.boolean().default(true),
});

/** Dropout acts in training alone; the others belong to heads that are not used here. */
const neutral = keysIn("hidden_dropout_prob attention_probs_dropout_prob tie_word_embeddings");

/** What each `model_type` is: its name, its classes, its positions, and what only its own heads read. */
const kinds = {
  vit: {
    name: "ViT",
    positions: "learned",
    neutral: keysIn("encoder_stride pooler_output_size pooler_act"),
  },
  // Of the decoder, whose weights are left, and of the loss.
  vit_mae: {
    name: "ViTMAE",
    positions: "sineCosine",
    neutral: keysIn(
      "decoder_num_attention_heads decoder_hidden_size decoder_num_hidden_layers decoder_intermediate_size mask_ratio " +
        "norm_pix_loss",
    ),
  },
} as const;

/** Settings from the `config.json` of transformers' `ViTModel` or `ViTMAEModel`; undefined for the file of something else. */
function settingsOf(json: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const type = json["model_type"];
  if (type !== "vit" && type !== "vit_mae") return undefined;
  const { name, positions, neutral: own } = kinds[type];
  const options = { types: [type], classes: [name], neutral: [...neutral, ...own] };
  const read = readHuggingFaceConfig(name, schema, json, options);
  return {
    positions,
    imageSize: read.image_size,
    patchSize: read.patch_size,
    channels: read.num_channels,
    width: read.hidden_size,
    depth: read.num_hidden_layers,
    heads: read.num_attention_heads,
    mlpRatio: read.intermediate_size / read.hidden_size,
    qkvBias: read.qkv_bias,
    activation: read.hidden_act,
    epsilon: read.layer_norm_eps,
  };
}

const layer = "^(?:vit\\.)?encoder\\.layer\\.(\\d+)\\.";

const rules: readonly WeightRule[] = [
  { stored: /^(?:vit\.)?embeddings\.cls_token$/, own: "cls_token" },
  // Not `mask_token`, which is that of a decoder here.
  { stored: /^(?:vit\.)?(embeddings\.mask_token)$/, own: "$1" },
  { stored: /^(?:vit\.)?embeddings\.position_embeddings$/, own: "pos_embed" },
  { stored: /^(?:vit\.)?embeddings\.patch_embeddings\.projection\.(weight|bias)$/, own: "patch_embed.proj.$1" },
  {
    stored: new RegExp(`${layer}attention\\.attention\\.(?<part>query|key|value)\\.(weight|bias)$`),
    own: "blocks.$1.attn.qkv.$3",
    joined: ["query", "key", "value"],
  },
  { stored: new RegExp(`${layer}attention\\.output\\.dense\\.(weight|bias)$`), own: "blocks.$1.attn.proj.$2" },
  { stored: new RegExp(`${layer}intermediate\\.dense\\.(weight|bias)$`), own: "blocks.$1.mlp.fc1.$2" },
  { stored: new RegExp(`${layer}output\\.dense\\.(weight|bias)$`), own: "blocks.$1.mlp.fc2.$2" },
  { stored: new RegExp(`${layer}layernorm_before\\.(weight|bias)$`), own: "blocks.$1.norm1.$2" },
  { stored: new RegExp(`${layer}layernorm_after\\.(weight|bias)$`), own: "blocks.$1.norm2.$2" },
  { stored: /^(?:vit\.)?layernorm\.(weight|bias)$/, own: "norm.$1" },
  { stored: /^classifier\.(weight|bias)$/, own: "head.$1" },
  { stored: /^(?:vit\.)?(pooler\..*)$/, own: "$1" },
];

/**
 * Settings of a vision transformer from the `config.json` of transformers' ViT or ViTMAE, and its weights under timm's
 * names. What stands for an image is the class token after the last normalization, as in `ViTForImageClassification`. The
 * decoder of a masked autoencoder (`decoder.*`) is left: pretraining here makes its own.
 *
 * @returns undefined for the file of something else
 * @throws VesaliusError `bad-configuration` for keys that change the computation and are not supported
 */
export function vitFromHuggingFace(json: Readonly<Record<string, unknown>>) {
  const settings = settingsOf(json);
  if (settings === undefined) return undefined;
  return { settings, weights: (stored: Tensors): Tensors => renamedWeights(stored, rules) };
}
