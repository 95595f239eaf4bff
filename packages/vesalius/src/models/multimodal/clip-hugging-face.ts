import { z } from "zod";
import type { Tensors } from "../../graph/index.ts";
import { publishedActivationSchema } from "../layers/hidden-activations.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { keysIn } from "../layers/published-config.ts";
import { renamedWeights, type WeightRule } from "../renamed-weights.ts";

const count = z.int().positive();

/** What both towers have; the defaults that differ are those of each. */
const towerShape = {
  num_hidden_layers: count.default(12),
  hidden_act: publishedActivationSchema("quickGelu"),
  layer_norm_eps: z.number().positive().default(1e-5),
};

const textSchema = z.object({
  ...towerShape,
  vocab_size: count.default(49_408),
  hidden_size: count.default(512),
  intermediate_size: count.default(2048),
  num_attention_heads: count.default(8),
  max_position_embeddings: count.default(77),
});

const visionSchema = z.object({
  ...towerShape,
  hidden_size: count.default(768),
  intermediate_size: count.default(3072),
  num_attention_heads: count.default(12),
  num_channels: count.default(3),
  image_size: count.default(224),
  patch_size: count.default(32),
});

const part = z.record(z.string(), z.unknown()).nullish();

const schema = z.object({
  projection_dim: count.default(512),
  text_config: part,
  vision_config: part,
  // What older files say; it stands in place of the others.
  text_config_dict: part,
  vision_config_dict: part,
});

/**
 * Dropout acts in training alone, `initializer_factor` and `logit_scale_init_value` say how weights start, and the `projection_dim` of a
 * tower belongs to classes of that tower alone. Which token ends a text (`eos_token_id`, in the list of every model) is
 * the tokenizer's: a text is read at its last token.
 */
const neutral = keysIn("attention_dropout dropout initializer_factor projection_dim tie_word_embeddings");

/** Settings that both towers name alike. */
const towerOf = (read: z.output<typeof textSchema> | z.output<typeof visionSchema>) => ({
  width: read.hidden_size,
  depth: read.num_hidden_layers,
  heads: read.num_attention_heads,
  mlpRatio: read.intermediate_size / read.hidden_size,
  activation: read.hidden_act,
  epsilon: read.layer_norm_eps,
});

/** Settings of the text tower. */
const textOf = (read: z.output<typeof textSchema>) => ({
  ...towerOf(read),
  vocabularySize: read.vocab_size,
  contextLength: read.max_position_embeddings,
});

/** Settings of the image tower. */
const visionOf = (read: z.output<typeof visionSchema>) => ({
  ...towerOf(read),
  channels: read.num_channels,
  imageSize: read.image_size,
  patchSize: read.patch_size,
});

function settingsOf(json: Readonly<Record<string, unknown>>) {
  const read = readHuggingFaceConfig("CLIP", schema, json, {
    types: ["clip"],
    classes: ["CLIP"],
    neutral: ["logit_scale_init_value", ...neutral],
  });
  const text = readHuggingFaceConfig(
    "CLIP, its text_config",
    textSchema,
    read.text_config_dict ?? read.text_config ?? {},
    {
      types: ["clip_text_model"],
      classes: ["CLIP"],
      neutral,
    },
  );
  const vision = readHuggingFaceConfig(
    "CLIP, its vision_config",
    visionSchema,
    read.vision_config_dict ?? read.vision_config ?? {},
    { types: ["clip_vision_model"], classes: ["CLIP"], neutral },
  );
  return {
    embeddingWidth: read.projection_dim,
    text: textOf(text),
    vision: visionOf(vision),
  };
}

/** Rules for the blocks of a tower. */
function towerRules(stored: string, own: string): WeightRule[] {
  const layer = `^${stored}\\.encoder\\.layers\\.(\\d+)\\.`;
  const block = `${own}.resblocks.$1.`;
  return [
    {
      stored: new RegExp(`${layer}self_attn\\.(?<part>q|k|v)_proj\\.(weight|bias)$`),
      own: `${block}attn.in_proj_$3`,
      joined: ["q", "k", "v"],
    },
    { stored: new RegExp(`${layer}self_attn\\.out_proj\\.(weight|bias)$`), own: `${block}attn.out_proj.$2` },
    { stored: new RegExp(`${layer}layer_norm([12])\\.(weight|bias)$`), own: `${block}ln_$2.$3` },
    { stored: new RegExp(`${layer}mlp\\.fc1\\.(weight|bias)$`), own: `${block}mlp.c_fc.$2` },
    { stored: new RegExp(`${layer}mlp\\.fc2\\.(weight|bias)$`), own: `${block}mlp.c_proj.$2` },
  ];
}

const rules: readonly WeightRule[] = [
  ...towerRules("text_model", "transformer"),
  ...towerRules("vision_model", "visual.transformer"),
  { stored: /^text_model\.embeddings\.token_embedding\.weight$/, own: "token_embedding.weight" },
  { stored: /^text_model\.embeddings\.position_embedding\.weight$/, own: "positional_embedding" },
  { stored: /^text_model\.final_layer_norm\.(weight|bias)$/, own: "ln_final.$1" },
  { stored: /^text_projection\.weight$/, own: "text_projection", turned: true },
  { stored: /^vision_model\.embeddings\.class_embedding$/, own: "visual.class_embedding" },
  { stored: /^vision_model\.embeddings\.patch_embedding\.weight$/, own: "visual.conv1.weight" },
  { stored: /^vision_model\.embeddings\.position_embedding\.weight$/, own: "visual.positional_embedding" },
  { stored: /^vision_model\.pre_layrnorm\.(weight|bias)$/, own: "visual.ln_pre.$1" },
  { stored: /^vision_model\.post_layernorm\.(weight|bias)$/, own: "visual.ln_post.$1" },
  { stored: /^visual_projection\.weight$/, own: "visual.proj", turned: true },
];

/**
 * Settings of CLIP from the `config.json` of transformers' `CLIPModel`, and its weights under OpenAI's names.
 *
 * @returns undefined for the file of something else
 * @throws VesaliusError `bad-configuration` for keys that change the computation and are not supported
 */
export function clipFromHuggingFace(json: Readonly<Record<string, unknown>>) {
  if (json["model_type"] !== "clip") return undefined;
  return { settings: settingsOf(json), weights: (stored: Tensors): Tensors => renamedWeights(stored, rules) };
}

/** What of a tower's file says whether it has the projection into the shared space. */
const projectionSchema = z.object({ architectures: z.array(z.string()).nullish(), projection_dim: count.default(512) });

/** Settings of one tower alone, with the width of the projection where the file's class has one. */
function towerAlone<Schema extends z.ZodObject>(
  json: Readonly<Record<string, unknown>>,
  type: string,
  className: string,
  own: Schema,
) {
  const read = readHuggingFaceConfig(className, own.extend(projectionSchema.shape), json, {
    types: [type],
    classes: [className],
    neutral: keysIn("attention_dropout dropout initializer_factor tie_word_embeddings"),
  }) as z.output<Schema> & z.output<typeof projectionSchema>;
  const projected = read.architectures?.some((name) => name.endsWith("WithProjection")) ?? false;
  return { read, shared: projected ? { embeddingWidth: read.projection_dim } : {} };
}

const weights = (stored: Tensors): Tensors => renamedWeights(stored, rules);

/**
 * Settings of CLIP's text tower from the `config.json` of transformers' `CLIPTextModel` or `CLIPTextModelWithProjection`,
 * and its weights under OpenAI's names.
 *
 * @returns undefined for the file of something else
 * @throws VesaliusError `bad-configuration` for keys that change the computation and are not supported
 */
export function clipTextFromHuggingFace(json: Readonly<Record<string, unknown>>) {
  if (json["model_type"] !== "clip_text_model") return undefined;
  const { read, shared } = towerAlone(json, "clip_text_model", "CLIPText", textSchema);
  return { settings: { ...textOf(read), ...shared }, weights };
}

/**
 * Settings of CLIP's image tower from the `config.json` of transformers' `CLIPVisionModel` or
 * `CLIPVisionModelWithProjection`, and its weights under OpenAI's names.
 *
 * @returns undefined for the file of something else
 * @throws VesaliusError `bad-configuration` for keys that change the computation and are not supported
 */
export function clipVisionFromHuggingFace(json: Readonly<Record<string, unknown>>) {
  if (json["model_type"] !== "clip_vision_model") return undefined;
  const { read, shared } = towerAlone(json, "clip_vision_model", "CLIPVision", visionSchema);
  return { settings: { ...visionOf(read), ...shared }, weights };
}
