import { expect, test } from "vitest";
import { vitConfigSchema } from "./vit.ts";
import { vitFromHuggingFace } from "./vit-hugging-face.ts";

/** What lies beside google/vit-base-patch16-224, as transformers writes it. */
const published = {
  architectures: ["ViTForImageClassification"],
  model_type: "vit",
  attention_probs_dropout_prob: 0.0,
  encoder_stride: 16,
  hidden_act: "gelu",
  hidden_dropout_prob: 0.0,
  hidden_size: 768,
  id2label: { "0": "tench" },
  image_size: 224,
  initializer_range: 0.02,
  intermediate_size: 3072,
  layer_norm_eps: 1e-12,
  num_attention_heads: 12,
  num_channels: 3,
  num_hidden_layers: 12,
  patch_size: 16,
  pooler_act: "tanh",
  pooler_output_size: 768,
  qkv_bias: true,
};
const read = (json: Readonly<Record<string, unknown>>) => vitConfigSchema.parse(vitFromHuggingFace(json)!.settings);

test("transformers' ViT is read with its epsilon, and what is missing is what the class says", () => {
  expect(read(published)).toEqual({ ...vitConfigSchema.parse({}), epsilon: 1e-12 });
  expect(read({ model_type: "vit" })).toEqual(read(published));
  expect(read({ ...published, hidden_act: "gelu_new", qkv_bias: false, intermediate_size: 1536 })).toMatchObject({
    activation: "geluTanh",
    qkvBias: false,
    mlpRatio: 2,
  });
});

test.each([
  [224, 224],
  [
    [224, 192],
    [224, 192],
  ],
  [{ height: 224, width: 192 }, [224, 192]],
])("an image_size of %j is %j", (written, imageSize) => {
  expect(read({ ...published, image_size: written }).imageSize).toEqual(imageSize);
});

test.each([
  [{ image_size: [224, 192, 3] }, /image_size/],
  [{ image_size: { height: 224 } }, /image_size/],
  [{ layerscale_value: 0.1 }, /not supported: layerscale_value/],
  [{ hidden_act: "prelu" }, /"prelu" is not supported/],
  [{ architectures: ["ViTMAEModel"] }, /ViTMAEModel/],
])("refuses %j by the name of the key", (changed, message) => {
  expect(() => vitFromHuggingFace({ ...published, ...changed })).toThrow(message);
});
