import { expect, test } from "vitest";
import { clipArchitecture } from "./clip-architectures.ts";
import { clipFromHuggingFace } from "./clip-hugging-face.ts";

/** What transformers 4 writes for a small CLIP, the keys of every model among them. */
const published = {
  architectures: ["CLIPModel"],
  model_type: "clip",
  initializer_factor: 1.0,
  logit_scale_init_value: 2.6592,
  projection_dim: 24,
  torch_dtype: "float32",
  text_config: {
    model_type: "clip_text_model",
    vocab_size: 40,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    max_position_embeddings: 10,
    hidden_act: "quick_gelu",
    layer_norm_eps: 1e-5,
    attention_dropout: 0.0,
    dropout: 0.0,
    projection_dim: 512,
    bos_token_id: 0,
    eos_token_id: 2,
    pad_token_id: 1,
    top_k: 50,
    tie_word_embeddings: true,
  },
  vision_config: {
    model_type: "clip_vision_model",
    hidden_size: 48,
    intermediate_size: 192,
    num_hidden_layers: 1,
    num_attention_heads: 3,
    num_channels: 1,
    image_size: 16,
    patch_size: 4,
    hidden_act: "gelu",
    layer_norm_eps: 1e-6,
  },
};

test("every key of transformers' CLIP that changes the computation is a setting", () => {
  expect(clipArchitecture.settings.parse(clipFromHuggingFace(published)!.settings)).toEqual({
    embeddingWidth: 24,
    text: {
      vocabularySize: 40,
      contextLength: 10,
      width: 32,
      depth: 2,
      heads: 4,
      mlpRatio: 2,
      activation: "quickGelu",
      epsilon: 1e-5,
    },
    vision: {
      imageSize: 16,
      patchSize: 4,
      channels: 1,
      width: 48,
      depth: 1,
      heads: 3,
      mlpRatio: 4,
      activation: "gelu",
      epsilon: 1e-6,
    },
  });
});

test("what is missing is what the class says, and older files' copies of the towers' keys come first", () => {
  const bare = clipFromHuggingFace({ model_type: "clip" })!.settings;
  expect(clipArchitecture.settings.parse(bare)).toEqual(
    clipArchitecture.settings.parse({ text: { vocabularySize: 49_408 } }),
  );
  const twice = { ...published, text_config_dict: { ...published.text_config, hidden_size: 64 } };
  expect(clipFromHuggingFace(twice)!.settings.text.width).toBe(64);
});

test.each([
  [{ text_config: { use_cls: true } }, /its text_config: it has keys that are not supported: use_cls/],
  [{ vision_config: { head_width: 64 } }, /its vision_config: it has keys that are not supported: head_width/],
  [{ vision_config: { patch_size: [16, 8] } }, /patch_size/],
  [{ vision_config: { hidden_act: "prelu" } }, /"prelu" is not supported/],
  [{ vision_config: { model_type: "siglip_vision_model" } }, /its model_type is "siglip_vision_model"/],
  [{ text_config: { is_decoder: true } }, /is_decoder/],
  [{ logit_bias: -10 }, /logit_bias/],
  [{ architectures: ["SiglipModel"] }, /SiglipModel/],
])("refuses %j by the name of the key", (changed, message) => {
  expect(() => clipFromHuggingFace({ ...published, ...changed })).toThrow(message);
});

test("other models are left to others", () => {
  expect(clipFromHuggingFace({ model_type: "siglip" })).toBeUndefined();
  expect(clipFromHuggingFace({ model_type: "clip_text_model" })).toBeUndefined();
});
