import { expect, test } from "vitest";
import { Graph, initializeParameters } from "../../graph/index.ts";
import { samFromHuggingFace, samWeightsFromHuggingFace } from "./sam-hugging-face.ts";
import { samConfigSchema, samEmbedding, samPrediction } from "./sam.ts";

const usual = samConfigSchema.parse({ decoder: { epsilon: 1e-6 } });

test("transformers' SAM without a key is what its classes say", () => {
  expect(samFromHuggingFace({ model_type: "sam" })).toEqual(usual);
  const written = {
    architectures: ["SamModel"],
    model_type: "sam",
    initializer_range: 0.02,
    vision_config: {
      model_type: "sam_vision_model",
      attention_dropout: 0,
      mlp_dim: 3072,
      scale: 384,
      initializer_range: 1e-10,
    },
    prompt_encoder_config: { image_embedding_size: 64, model_type: "" },
    mask_decoder_config: { layer_norm_eps: 1e-6, model_type: "" },
  };
  expect(samFromHuggingFace(written)).toEqual(usual);
});

test("every key that changes the computation is a setting", () => {
  const vision = {
    hidden_size: 32,
    output_channels: 16,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    num_channels: 1,
    image_size: 32,
    patch_size: 8,
    hidden_act: "gelu_new",
    layer_norm_eps: 1e-5,
    qkv_bias: false,
    mlp_dim: 48,
    use_abs_pos: false,
    use_rel_pos: false,
    window_size: 2,
    global_attn_indexes: [2],
    num_pos_feats: 8,
  };
  const given = {
    model_type: "sam",
    vision_config: vision,
    prompt_encoder_config: { hidden_size: 16, image_size: 32, patch_size: 8, mask_input_channels: 8 },
    mask_decoder_config: { hidden_size: 16, mlp_dim: 24, num_attention_heads: 2, iou_head_depth: 4 },
  };
  const config = samFromHuggingFace(given);
  expect(config.encoder).toEqual({
    imageSize: 32,
    patchSize: 8,
    channels: 1,
    width: 32,
    depth: 3,
    heads: 4,
    mlpRatio: 1.5,
    qkvBias: false,
    windowSize: 2,
    globalBlocks: [2],
    absolutePositions: false,
    relativePositions: false,
    activation: "geluTanh",
    epsilon: 1e-5,
    outputChannels: 16,
  });
  expect(config).toMatchObject({
    maskChannels: 8,
    decoder: { hiddenWidth: 24, heads: 2, qualityDepth: 4, epsilon: 1e-6 },
  });
  const graph = new Graph("sam");
  samEmbedding(graph.input("images", "float32", [1, 1, 32, 32]), config);
  const names = [...graph.parameters.keys()];
  expect(names.filter((name) => /pos_embed|rel_pos|qkv\.bias/.test(name))).toEqual([]);
  const whole = samFromHuggingFace({ ...given, vision_config: { ...vision, window_size: 0 } });
  expect(whole.encoder.globalBlocks).toEqual([0, 1, 2]);
});

test.each([
  [
    { vision_config: { use_decomposed: true } },
    /its vision_config: it has keys that are not supported: use_decomposed/,
  ],
  [{ vision_config: { num_pos_feats: 64 } }, /num_pos_feats is 64, output_channels \/ 2 is 128/],
  [{ vision_config: { image_size: 512 } }, /image_size of prompt_encoder_config is 1024, .* 512/],
  [{ vision_config: { image_size: [1024, 768] } }, /image_size/],
  [{ prompt_encoder_config: { num_point_embeddings: 5 } }, /num_point_embeddings/],
  [{ prompt_encoder_config: { hidden_act: "relu" } }, /hidden_act/],
  [{ prompt_encoder_config: { image_embedding_size: 32 } }, /image_embedding_size is 32/],
  [{ mask_decoder_config: { hidden_act: "gelu" } }, /its mask_decoder_config: .*hidden_act/s],
  [{ mask_decoder_config: { hidden_size: 128 } }, /hidden_size of mask_decoder_config is 128/],
  [{ model_type: "sam_hq" }, /its model_type is "sam_hq"/],
])("refuses %j by the name of the key", (changed, message) => {
  expect(() => samFromHuggingFace({ model_type: "sam", ...changed })).toThrow(message);
});

/** What transformers' own conversion of Meta's checkpoints replaces in names, in its order. */
const converted: readonly (readonly [RegExp, string])[] = [
  [/image_encoder/, "vision_encoder"],
  [/(iou_prediction_head|output_hypernetworks_mlps\.\d+)\.layers\.0/, "$1.proj_in"],
  [/(iou_prediction_head|output_hypernetworks_mlps\.\d+)\.layers\.1/, "$1.layers.0"],
  [/(iou_prediction_head|output_hypernetworks_mlps\.\d+)\.layers\.2/, "$1.proj_out"],
  [/output_upscaling\.0/, "upscale_conv1"],
  [/output_upscaling\.1/, "upscale_layer_norm"],
  [/output_upscaling\.3/, "upscale_conv2"],
  [/mask_downscaling\.0/, "mask_embed.conv1"],
  [/mask_downscaling\.1/, "mask_embed.layer_norm1"],
  [/mask_downscaling\.3/, "mask_embed.conv2"],
  [/mask_downscaling\.4/, "mask_embed.layer_norm2"],
  [/mask_downscaling\.6/, "mask_embed.conv3"],
  [/point_embeddings/, "point_embed"],
  [/prompt_encoder\.pe_layer\.positional_encoding_gaussian_matrix/, "shared_image_embedding.positional_embedding"],
  [/neck\.0/, "neck.conv1"],
  [/neck\.1/, "neck.layer_norm1"],
  [/neck\.2/, "neck.conv2"],
  [/neck\.3/, "neck.layer_norm2"],
  [/patch_embed\.proj/, "patch_embed.projection"],
  [/\.norm/, ".layer_norm"],
  [/blocks/, "layers"],
];

test("weights of transformers are those of Meta under other names", () => {
  const config = samConfigSchema.parse({
    encoder: {
      imageSize: 32,
      patchSize: 8,
      width: 8,
      depth: 2,
      heads: 2,
      windowSize: 2,
      globalBlocks: [1],
      outputChannels: 16,
    },
    decoder: { depth: 1, heads: 2, hiddenWidth: 8, qualityWidth: 8 },
  });
  const graph = new Graph("sam");
  const embedding = samEmbedding(graph.input("images", "float32", [1, 3, 32, 32]), config);
  const points = {
    points: graph.input("points", "float32", [1, 2, 2]),
    labels: graph.input("labels", "int32", [1, 2]),
  };
  const boxes = graph.input("boxes", "float32", [1, 4]);
  samPrediction(embedding, { ...points, boxes, masks: graph.input("masks", "float32", [1, 1, 16, 16]) }, config);
  const own = initializeParameters(graph, 1);
  const there = (name: string): string => converted.reduce((so, [from, to]) => so.replace(from, to), name);
  const stored = new Map([...own].map(([name, tensor]) => [there(name), tensor]));
  expect(stored.has("vision_encoder.layers.0.layer_norm1.weight")).toBe(true);
  expect(samWeightsFromHuggingFace(stored, config)).toEqual(own);
});
