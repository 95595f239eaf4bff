import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { concat, Graph, type Tensor, type Tensors, type Value } from "../graph/index.ts";
import { checkWeights, type Features } from "../models/index.ts";
import { writeHuggingFaceFolder } from "../models/checkpoints/index.node.ts";
import { expectClose, readFixture, runGraph } from "../testing/reference.node.ts";
import { loadBackbone } from "./load-model.node.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vesalius-folders-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Takes a joined projection apart, as other code stores it. */
function partsOf({ shape, data }: Tensor): readonly Tensor[] {
  const rows = shape[0]! / 3;
  const size = data.length / 3;
  return [0, 1, 2].map((part) => ({
    dtype: "float32",
    shape: [rows, ...shape.slice(1)],
    data: (data as Float32Array).slice(part * size, (part + 1) * size),
  }));
}

/** A matrix with rows and columns exchanged. */
function turned({ shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as [number, number];
  const moved = Float32Array.from(data as Float32Array);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) moved[j * rows + i] = Number(data[i * columns + j]);
  return { dtype: "float32", shape: [columns, rows], data: moved };
}

type Renaming = readonly (readonly [own: RegExp, published: string])[];

/** Weights of a reference under the names that transformers has for them: what no rule names is an error of the test. */
function published(weights: Tensors, renaming: Renaming, projections: readonly string[] = []): Tensors {
  const result: Tensors = new Map();
  for (const [name, tensor] of weights) {
    const rule = renaming.find(([own]) => own.test(name));
    if (rule === undefined) throw new Error(`no name for ${name}`);
    const renamed = name.replace(rule[0], rule[1]);
    if (!renamed.includes("QKV")) result.set(renamed, projections.includes(renamed) ? turned(tensor) : tensor);
    else
      partsOf(tensor).forEach((part, i) =>
        result.set(
          renamed.replace(/QKV<(.*),(.*),(.*)>/, (_, ...names: string[]) => names[i]!),
          part,
        ),
      );
  }
  return result;
}

const int32 = ({ shape, data }: Tensor): Tensor => ({
  dtype: "int32",
  shape,
  data: Int32Array.from(data as ArrayLike<number>, Number),
});
const float32 = ({ shape, data }: Tensor): Tensor => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(data as ArrayLike<number>, Number),
});

/** 1 up to the largest token of each row, which ends a text. */
function untilEnd({ shape, data }: Tensor): Tensor {
  const [rows, length] = shape as [number, number];
  const tokens = Array.from(data as ArrayLike<number>, Number);
  const ends = Array.from({ length: rows }, (_, row) => {
    const own = tokens.slice(row * length, (row + 1) * length);
    return own.indexOf(Math.max(...own));
  });
  const mask = Float32Array.from(tokens, (_, i) => Number(i % length <= ends[Math.floor(i / length)]!));
  return { dtype: "float32", shape, data: mask };
}

/** The places with the least noise, which MAE shows, in the order of the noise. */
function shown({ shape, data }: Tensor, kept: number): Tensor {
  const [rows, places] = shape as [number, number];
  const noise = data as Float32Array;
  const orders = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: places }, (_place, i) => i)
      .sort((a, b) => noise[row * places + a]! - noise[row * places + b]!)
      .slice(0, kept),
  );
  return { dtype: "int32", shape: [rows, kept], data: Int32Array.from(orders.flat()) };
}

interface Case {
  /** Model of `fixtures/reference/model`. */
  readonly reference: string;
  /** What transformers writes into `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly renaming: Renaming;
  /** Published names of matrices that are stored the other way round. */
  readonly projections?: readonly string[];
  /** Which of the reference's weights the file holds. */
  readonly holds?: (name: string) => boolean;
  /** Inputs of the network as `role.name`. */
  readonly feeds: (inputs: Tensors) => Readonly<Record<string, Tensor>>;
  /** What is hidden, of the inputs called `hidden.*`. */
  readonly hides?: readonly ("visible" | "masked")[];
  readonly results: (features: Features) => Readonly<Record<string, Value>>;
}

const timmBlocks = (layer: string): Renaming => [
  [/^blocks\.(\d+)\.attn\.qkv\.(.*)$/, `${layer}.$1.attention.attention.QKV<query,key,value>.$2`],
  [/^blocks\.(\d+)\.attn\.proj\.(.*)$/, `${layer}.$1.attention.output.dense.$2`],
];

const clipBlocks = (own: string, layer: string): Renaming => [
  [
    new RegExp(`^${own}\\.resblocks\\.(\\d+)\\.attn\\.in_proj_(.*)$`),
    `${layer}.$1.self_attn.QKV<q_proj,k_proj,v_proj>.$2`,
  ],
  [new RegExp(`^${own}\\.resblocks\\.(\\d+)\\.attn\\.out_proj\\.(.*)$`), `${layer}.$1.self_attn.out_proj.$2`],
  [new RegExp(`^${own}\\.resblocks\\.(\\d+)\\.ln_([12])\\.(.*)$`), `${layer}.$1.layer_norm$2.$3`],
  [new RegExp(`^${own}\\.resblocks\\.(\\d+)\\.mlp\\.c_fc\\.(.*)$`), `${layer}.$1.mlp.fc1.$2`],
  [new RegExp(`^${own}\\.resblocks\\.(\\d+)\\.mlp\\.c_proj\\.(.*)$`), `${layer}.$1.mlp.fc2.$2`],
];

const isOfImage = (name: string): boolean => name.startsWith("visual.");

const cases: Readonly<Record<string, Case>> = {
  Dinov2Model: {
    reference: "dinov2_vit",
    config: {
      model_type: "dinov2",
      hidden_size: 32,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      mlp_ratio: 2,
      image_size: 28,
      patch_size: 7,
      layerscale_value: 0.5,
      use_swiglu_ffn: false,
      out_features: ["stage2"],
    },
    renaming: [
      ...timmBlocks("encoder.layer"),
      [/^blocks\.(\d+)\.ls([12])\.gamma$/, "encoder.layer.$1.layer_scale$2.lambda1"],
      [/^blocks\.(.*)$/, "encoder.layer.$1"],
      [/^(cls_token|mask_token)$/, "embeddings.$1"],
      [/^pos_embed$/, "embeddings.position_embeddings"],
      [/^patch_embed\.proj\.(.*)$/, "embeddings.patch_embeddings.projection.$1"],
      [/^norm\.(.*)$/, "layernorm.$1"],
    ],
    feeds: (inputs) => ({ "image.pixels": inputs.get("images")!, "hidden.masked": float32(inputs.get("masks")!) }),
    hides: ["masked"],
    results: ({ pooled, places }) => ({ x_norm_clstoken: pooled, x_norm_patchtokens: places! }),
  },
  ViTMAEForPreTraining: {
    reference: "mae",
    config: {
      model_type: "vit_mae",
      hidden_size: 32,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      intermediate_size: 64,
      image_size: 16,
      patch_size: 4,
      layer_norm_eps: 1e-6,
      decoder_hidden_size: 16,
      decoder_num_hidden_layers: 1,
      decoder_num_attention_heads: 2,
      decoder_intermediate_size: 32,
    },
    renaming: [
      ...timmBlocks("vit.encoder.layer"),
      [/^blocks\.(\d+)\.mlp\.fc1\.(.*)$/, "vit.encoder.layer.$1.intermediate.dense.$2"],
      [/^blocks\.(\d+)\.mlp\.fc2\.(.*)$/, "vit.encoder.layer.$1.output.dense.$2"],
      [/^blocks\.(\d+)\.norm1\.(.*)$/, "vit.encoder.layer.$1.layernorm_before.$2"],
      [/^blocks\.(\d+)\.norm2\.(.*)$/, "vit.encoder.layer.$1.layernorm_after.$2"],
      [/^cls_token$/, "vit.embeddings.cls_token"],
      [/^pos_embed$/, "vit.embeddings.position_embeddings"],
      [/^patch_embed\.proj\.(.*)$/, "vit.embeddings.patch_embeddings.projection.$1"],
      [/^norm\.(.*)$/, "vit.layernorm.$1"],
      // The decoder's, which are left.
      [/^(decoder_.*|mask_token)$/, "decoder.$1"],
    ],
    feeds: (inputs) => ({ "image.pixels": inputs.get("images")!, "hidden.visible": shown(inputs.get("noise")!, 4) }),
    hides: ["visible"],
    results: ({ leading, places }) => ({ encoder_latent: concat([leading!, places!], 1) }),
  },
  CLIPVisionModelWithProjection: {
    reference: "clip",
    config: {
      model_type: "clip_vision_model",
      hidden_size: 32,
      intermediate_size: 128,
      projection_dim: 24,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      image_size: 16,
      patch_size: 4,
    },
    renaming: [
      ...clipBlocks("visual\\.transformer", "vision_model.encoder.layers"),
      [/^visual\.class_embedding$/, "vision_model.embeddings.class_embedding"],
      [/^visual\.conv1\.weight$/, "vision_model.embeddings.patch_embedding.weight"],
      [/^visual\.positional_embedding$/, "vision_model.embeddings.position_embedding.weight"],
      // The word is misspelt in every published checkpoint.
      [/^visual\.ln_pre\.(.*)$/, "vision_model.pre_layrnorm.$1"],
      [/^visual\.ln_post\.(.*)$/, "vision_model.post_layernorm.$1"],
      [/^visual\.proj$/, "visual_projection.weight"],
    ],
    projections: ["visual_projection.weight"],
    holds: isOfImage,
    feeds: (inputs) => ({ "image.pixels": inputs.get("images")! }),
    results: ({ pooled }) => ({ image_features: pooled }),
  },
  CLIPTextModelWithProjection: {
    reference: "clip",
    config: {
      model_type: "clip_text_model",
      vocab_size: 40,
      hidden_size: 32,
      intermediate_size: 128,
      projection_dim: 24,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      max_position_embeddings: 10,
      eos_token_id: 39,
    },
    renaming: [
      ...clipBlocks("transformer", "text_model.encoder.layers"),
      [/^token_embedding\.weight$/, "text_model.embeddings.token_embedding.weight"],
      [/^positional_embedding$/, "text_model.embeddings.position_embedding.weight"],
      [/^ln_final\.(.*)$/, "text_model.final_layer_norm.$1"],
      [/^text_projection$/, "text_projection.weight"],
    ],
    projections: ["text_projection.weight"],
    holds: (name) => !isOfImage(name) && name !== "logit_scale",
    feeds: (inputs) => ({ "text.tokens": int32(inputs.get("text")!), "text.mask": untilEnd(inputs.get("text")!) }),
    results: ({ pooled }) => ({ text_features: pooled }),
  },
};

/** The folder that transformers would have written. */
async function folderOf(name: string, changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { reference, config, renaming, projections, holds = () => true } = cases[name]!;
  const { weights } = await readFixture(`model/${reference}`);
  const held = new Map([...weights].filter(([own]) => holds(own)));
  const folder = join(root, name);
  await writeHuggingFaceFolder(
    folder,
    { config: { architectures: [name], ...config, ...changes }, weights: published(held, renaming, projections) },
    { overwrite: true },
  );
  return folder;
}

test.each(Object.keys(cases))("a folder of transformers' %s gives what the original computed", async (name) => {
  const { reference, feeds, hides = [], results } = cases[name]!;
  const { inputs, outputs } = await readFixture(`model/${reference}`);
  const { network, weights } = await loadBackbone(await folderOf(name));
  const graph = new Graph("published");
  const given = feeds(inputs);
  const values: Record<string, Record<string, Value>> = {};
  for (const [key, { dtype, shape }] of Object.entries(given)) {
    const [role, input] = key.split(".") as [string, string];
    (values[role] ??= {})[input] = graph.input(key, dtype, shape);
  }
  const { hidden = {}, ...roles } = values;
  const places = Object.fromEntries(hides.map((one) => [one, hidden[one]!]));
  const features = network.features(roles, { training: false, hidden: { image: places } });
  for (const [key, value] of Object.entries(results(features))) graph.output(key, value);
  const own = checkWeights(graph, weights, { mayBeLeft: (key) => network.mayDiffer?.(key) !== undefined });
  const found = await runGraph(graph, new Map([...own, ...Object.entries(given)]));
  for (const [key, tensor] of found) expectClose(tensor, outputs.get(key)!, 1e-4, 1e-5, key);
});

test("a tower without its projection gives its own vector, and the projection is then one weight too many", async () => {
  const folder = await folderOf("CLIPVisionModelWithProjection", { architectures: ["CLIPVisionModel"] });
  const { network, weights } = await loadBackbone(folder);
  expect(network.config).not.toHaveProperty("embeddingWidth");
  const graph = new Graph("tower");
  const pixels = graph.input("pixels", "float32", [1, 3, 16, 16]);
  expect(network.features({ image: { pixels } }, { training: false }).pooled.shape).toEqual([1, 32]);
  expect(() => checkWeights(graph, weights)).toThrow(/unexpected: visual\.proj/);
});
