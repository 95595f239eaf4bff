import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Graph, initializeParameters, type Tensor, type Tensors } from "../graph/index.ts";
import {
  classificationHead,
  clip,
  clipConfigSchema,
  clipSimilarity,
  vitConfigSchema,
  vitFeatures,
} from "../models/index.ts";
import { writeHuggingFaceFolder } from "../models/checkpoints/index.node.ts";
import { loadBackbone } from "./load-model.node.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius-transformers-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One of three equal parts of a tensor along its first axis. */
function third({ dtype, shape, data }: Tensor, index: number): Tensor {
  const size = data.length / 3;
  const own = (data as Float32Array).slice(index * size, (index + 1) * size);
  return { dtype, shape: [shape[0]! / 3, ...shape.slice(1)], data: own };
}

/** Rows and columns exchanged. */
function turned({ dtype, shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as [number, number];
  const moved = Float32Array.from({ length: rows * columns }, (_, i) =>
    Number(data[(i % rows) * columns + Math.floor(i / rows)]),
  );
  return { dtype, shape: [columns, rows], data: moved };
}

/** Weights as transformers stores them, from their names there, by ours; a list of names takes the parts of one. */
function stored(own: Tensors, names: Readonly<Record<string, string | readonly string[]>>): Tensors {
  const result: Tensors = new Map();
  for (const [name, there] of Object.entries(names)) {
    const tensor = own.get(name)!;
    if (typeof there === "string") result.set(there, tensor);
    else there.forEach((one, i) => result.set(one, third(tensor, i)));
  }
  expect(Object.keys(names).sort()).toEqual([...own.keys()].sort());
  return result;
}

/** A random value for every weight, so that none is mistaken for another. */
function randomWeights(graph: Graph): Tensors {
  const weights = initializeParameters(graph, 2);
  let at = 0;
  for (const [name, tensor] of weights)
    weights.set(name, { ...tensor, data: Float32Array.from(tensor.data as Float32Array, () => Math.sin(++at)) });
  return weights;
}

test("a vision transformer of transformers is a checkpoint folder, with the weights of timm's names", async () => {
  const config = vitConfigSchema.parse({
    imageSize: [8, 16],
    patchSize: 8,
    width: 12,
    depth: 1,
    heads: 3,
    mlpRatio: 2,
    epsilon: 1e-12,
  });
  const graph = new Graph();
  classificationHead(vitFeatures(graph.input("images", "float32", [1, 3, 8, 16]), config).pooled, 5);
  const own = randomWeights(graph);
  const layer = "vit.encoder.layer.0";
  const both = (mine: string, theirs: string) =>
    Object.fromEntries(["weight", "bias"].map((kind) => [`${mine}.${kind}`, `${theirs}.${kind}`]));
  const attention = (kind: string) =>
    ["query", "key", "value"].map((one) => `${layer}.attention.attention.${one}.${kind}`);
  const weights = stored(own, {
    cls_token: "vit.embeddings.cls_token",
    pos_embed: "vit.embeddings.position_embeddings",
    ...both("patch_embed.proj", "vit.embeddings.patch_embeddings.projection"),
    "blocks.0.attn.qkv.weight": attention("weight"),
    "blocks.0.attn.qkv.bias": attention("bias"),
    ...both("blocks.0.attn.proj", `${layer}.attention.output.dense`),
    ...both("blocks.0.norm1", `${layer}.layernorm_before`),
    ...both("blocks.0.norm2", `${layer}.layernorm_after`),
    ...both("blocks.0.mlp.fc1", `${layer}.intermediate.dense`),
    ...both("blocks.0.mlp.fc2", `${layer}.output.dense`),
    ...both("norm", "vit.layernorm"),
    ...both("head", "classifier"),
  });
  const json = {
    architectures: ["ViTForImageClassification"],
    model_type: "vit",
    hidden_size: 12,
    intermediate_size: 24,
    num_hidden_layers: 1,
    num_attention_heads: 3,
    image_size: [8, 16],
    patch_size: 8,
  };
  const path = join(folder, "vit");
  await writeHuggingFaceFolder(path, { config: json, weights });
  const loaded = await loadBackbone(path);
  expect(loaded.network.config).toEqual(config);
  expect(loaded.weights).toEqual(own);
});

test("a CLIP of transformers is a checkpoint folder, with the weights of OpenAI's names", async () => {
  const config = clipConfigSchema.parse({
    embeddingWidth: 6,
    text: { vocabularySize: 20, contextLength: 5, width: 8, depth: 1, heads: 2, mlpRatio: 2 },
    vision: { imageSize: 8, patchSize: 4, width: 12, depth: 1, heads: 3, activation: "gelu" },
  });
  const graph = new Graph();
  const images = graph.input("images", "float32", [1, 3, 8, 8]);
  const features = clip(images, graph.input("tokens", "int32", [1, 5]), config);
  clipSimilarity(features.imageFeatures, features.textFeatures);
  const own = randomWeights(graph);
  const both = (mine: string, theirs: string) =>
    Object.fromEntries(["weight", "bias"].map((kind) => [`${mine}.${kind}`, `${theirs}.${kind}`]));
  const block = (mine: string, theirs: string) => {
    const attention = (kind: string) => ["q", "k", "v"].map((one) => `${theirs}.self_attn.${one}_proj.${kind}`);
    return {
      [`${mine}.attn.in_proj_weight`]: attention("weight"),
      [`${mine}.attn.in_proj_bias`]: attention("bias"),
      ...both(`${mine}.attn.out_proj`, `${theirs}.self_attn.out_proj`),
      ...both(`${mine}.ln_1`, `${theirs}.layer_norm1`),
      ...both(`${mine}.ln_2`, `${theirs}.layer_norm2`),
      ...both(`${mine}.mlp.c_fc`, `${theirs}.mlp.fc1`),
      ...both(`${mine}.mlp.c_proj`, `${theirs}.mlp.fc2`),
    };
  };
  const weights = stored(own, {
    ...block("transformer.resblocks.0", "text_model.encoder.layers.0"),
    ...block("visual.transformer.resblocks.0", "vision_model.encoder.layers.0"),
    "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
    positional_embedding: "text_model.embeddings.position_embedding.weight",
    ...both("ln_final", "text_model.final_layer_norm"),
    text_projection: "text_projection.weight",
    "visual.class_embedding": "vision_model.embeddings.class_embedding",
    "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
    "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
    ...both("visual.ln_pre", "vision_model.pre_layrnorm"),
    ...both("visual.ln_post", "vision_model.post_layernorm"),
    "visual.proj": "visual_projection.weight",
    logit_scale: "logit_scale",
  });
  for (const name of ["text_projection.weight", "visual_projection.weight"])
    weights.set(name, turned(weights.get(name)!));
  const tower = (width: number, inside: number, heads: number) => ({
    hidden_size: width,
    intermediate_size: inside,
    num_hidden_layers: 1,
    num_attention_heads: heads,
  });
  const json = {
    model_type: "clip",
    projection_dim: 6,
    text_config: { ...tower(8, 16, 2), vocab_size: 20, max_position_embeddings: 5 },
    vision_config: { ...tower(12, 48, 3), image_size: 8, patch_size: 4, hidden_act: "gelu" },
  };
  const path = join(folder, "clip");
  await writeHuggingFaceFolder(path, { config: json, weights });
  const loaded = await loadBackbone(path);
  expect(loaded.network.config).toEqual(config);
  expect(loaded.weights).toEqual(own);
});
