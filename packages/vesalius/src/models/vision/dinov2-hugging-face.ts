import { z } from "zod";
import type { Tensors } from "../../graph/index.ts";
import { publishedActivationSchema } from "../layers/hidden-activations.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { keysIn } from "../layers/published-config.ts";
import { publishedSizeSchema } from "../layers/published-size.ts";
import { renamedWeights, type WeightRule } from "../renamed-weights.ts";

const count = z.int().positive();

const schema = z.object({
  hidden_size: count.default(768),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(12),
  mlp_ratio: z.number().positive().default(4),
  hidden_act: publishedActivationSchema("gelu"),
  layer_norm_eps: z.number().positive().default(1e-6),
  image_size: publishedSizeSchema.default(224),
  patch_size: count.default(14),
  num_channels: count.default(3),
  qkv_bias: z.boolean().default(true),
  layerscale_value: z.number().positive().default(1),
  use_swiglu_ffn: z.boolean().default(false),
});

/** Of `Dinov2WithRegisters`. */
const registersSchema = schema.extend({
  patch_size: count.default(16),
  num_register_tokens: z.int().nonnegative().default(4),
});

/**
 * Dropout acts in training alone. Which feature maps `Dinov2Backbone` gives, and how, is asked of it; here the result is
 * normalised and a map anyway. A checkpoint without a mask token is one that hides no patches.
 */
const neutral = keysIn(
  "hidden_dropout_prob attention_probs_dropout_prob drop_path_rate out_features out_indices stage_names apply_layernorm " +
    "reshape_hidden_states use_mask_token tie_word_embeddings",
);

function settingsOf(json: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const type = json["model_type"];
  if (type !== "dinov2" && type !== "dinov2_with_registers") return undefined;
  const registers = type === "dinov2" ? undefined : { num_register_tokens: 4 };
  const read = readHuggingFaceConfig("DINOv2", registers === undefined ? schema : registersSchema, json, {
    types: [type],
    classes: ["Dinov2", "Dinov2WithRegisters"],
    neutral,
  }) as z.output<typeof registersSchema>;
  return {
    imageSize: read.image_size,
    patchSize: read.patch_size,
    channels: read.num_channels,
    width: read.hidden_size,
    depth: read.num_hidden_layers,
    heads: read.num_attention_heads,
    mlpRatio: read.mlp_ratio,
    feedForward: read.use_swiglu_ffn ? "swiglu" : "mlp",
    layerScale: read.layerscale_value,
    registers: registers === undefined ? 0 : read.num_register_tokens,
    // transformers resamples positions to the number of patches itself.
    interpolationOffset: 0,
    qkvBias: read.qkv_bias,
    // The gate of ViT-g has its own nonlinearity.
    ...(read.use_swiglu_ffn ? {} : { activation: read.hidden_act }),
    epsilon: read.layer_norm_eps,
  };
}

const prefix = "^(?:dinov2(?:_with_registers)?\\.)?";
const layer = `${prefix}encoder\\.layer\\.(\\d+)\\.`;

const rules: readonly WeightRule[] = [
  { stored: new RegExp(`${prefix}embeddings\\.(cls_token|mask_token|register_tokens)$`), own: "$1" },
  { stored: new RegExp(`${prefix}embeddings\\.position_embeddings$`), own: "pos_embed" },
  {
    stored: new RegExp(`${prefix}embeddings\\.patch_embeddings\\.projection\\.(weight|bias)$`),
    own: "patch_embed.proj.$1",
  },
  {
    stored: new RegExp(`${layer}attention\\.attention\\.(?<part>query|key|value)\\.(weight|bias)$`),
    own: "blocks.$1.attn.qkv.$3",
    joined: ["query", "key", "value"],
  },
  { stored: new RegExp(`${layer}attention\\.output\\.dense\\.(weight|bias)$`), own: "blocks.$1.attn.proj.$2" },
  { stored: new RegExp(`${layer}layer_scale([12])\\.lambda1$`), own: "blocks.$1.ls$2.gamma" },
  { stored: new RegExp(`${layer}mlp\\.weights_in\\.(weight|bias)$`), own: "blocks.$1.mlp.w12.$2" },
  { stored: new RegExp(`${layer}mlp\\.weights_out\\.(weight|bias)$`), own: "blocks.$1.mlp.w3.$2" },
  { stored: new RegExp(`${layer}((?:norm[12]|mlp\\.fc[12])\\.(?:weight|bias))$`), own: "blocks.$1.$2" },
  { stored: new RegExp(`${prefix}layernorm\\.(weight|bias)$`), own: "norm.$1" },
];

/**
 * Settings of DINOv2 from the `config.json` of transformers' `Dinov2Model` or `Dinov2WithRegistersModel`, and its weights
 * under the names of facebookresearch/dinov2. The classifier of `Dinov2ForImageClassification`, which sees the mean of the
 * patches too, is refused by its name.
 *
 * @returns undefined for the file of something else
 * @throws VesaliusError `bad-configuration` for keys that change the computation and are not supported
 */
export function dinov2FromHuggingFace(json: Readonly<Record<string, unknown>>) {
  const settings = settingsOf(json);
  if (settings === undefined) return undefined;
  return { settings, weights: (stored: Tensors): Tensors => renamedWeights(stored, rules) };
}
