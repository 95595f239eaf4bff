import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { Graph, type Tensors } from "../../graph/index.ts";
import { backboneFeatures, checkWeights, classificationHead, inputShape, type VitConfig, vit } from "../../models/index.ts";
import { peftAdapterFiles } from "../../adaptation/index.ts";
import { readSafetensors, writeSafetensors } from "../../training/index.ts";
import type { ClassifierParts } from "./image-classifier.ts";

/** The parts of timm's `config.json` that describe a vision transformer, plus what timm has no place for. */
const configSchema = z.looseObject({
  architecture: z.literal("vit"),
  num_classes: z.int().min(2),
  label_names: z.array(z.string()),
  global_pool: z.enum(["token", "avg"]),
  model_args: z.looseObject({
    img_size: z.int(),
    patch_size: z.int(),
    in_chans: z.int(),
    embed_dim: z.int(),
    depth: z.int(),
    num_heads: z.int(),
    mlp_ratio: z.number(),
    qkv_bias: z.boolean(),
    class_token: z.boolean(),
  }),
  pretrained_cfg: z.looseObject({ mean: z.array(z.number()), std: z.array(z.number()) }),
  positions: z.enum(["learned", "sineCosine"]).default("learned"),
});

function configJson({ backbone, labels, training }: ClassifierParts): z.input<typeof configSchema> {
  const { config } = backbone;
  return {
    architecture: "vit",
    num_classes: labels.length,
    num_features: config.width,
    label_names: [...labels],
    global_pool: config.pooling === "mean" ? "avg" : "token",
    model_args: {
      img_size: config.imageSize,
      patch_size: config.patchSize,
      in_chans: config.channels,
      embed_dim: config.width,
      depth: config.depth,
      num_heads: config.heads,
      mlp_ratio: config.mlpRatio,
      qkv_bias: config.qkvBias,
      class_token: config.classToken,
    },
    pretrained_cfg: { input_size: [...inputShape(backbone)], ...backbone.preprocessing },
    positions: config.positions,
    ...(training === undefined
      ? {}
      : { training: { ...training, result: { steps: training.result.steps, time: training.result.time } } }),
    notice: "Research use only: outputs are not medical advice and this software is not a medical device.",
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Encodes a classifier as the files of its folder. */
export function classifierFiles(parts: ClassifierParts, onnx: Uint8Array): Map<string, string | Uint8Array> {
  const files = new Map<string, string | Uint8Array>([
    ["model.safetensors", writeSafetensors(parts.weights, { format: "pt" })],
    ["model.onnx", onnx],
  ]);
  if (parts.adapter !== undefined)
    for (const [name, content] of peftAdapterFiles(parts.adapter)) files.set(`adapter/${name}`, content);
  // Last, because its presence is what makes the folder a model.
  files.set("config.json", json(configJson(parts)));
  return files;
}

/**
 * Decodes a saved classifier.
 *
 * @param config text of `config.json`
 * @param weights bytes of `model.safetensors`
 * @param where folder for messages
 * @throws VesaliusError `bad-file` for files that do not parse, `checkpoint-mismatch` listing weights that do not fit
 */
export function decodeClassifier(config: string, weights: Uint8Array, where: string): ClassifierParts {
  let raw: unknown;
  try {
    raw = JSON.parse(config);
  } catch (error) {
    throw new VesaliusError("bad-file", "config.json is no valid JSON", { where, cause: error });
  }
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) throw new VesaliusError("bad-file", `config.json does not describe a classifier: ${z.prettifyError(parsed.error)}`, { where });
  const { model_args: args, label_names: labels, pretrained_cfg: preprocessing } = parsed.data;
  const shape: VitConfig = {
    imageSize: args.img_size,
    patchSize: args.patch_size,
    channels: args.in_chans,
    width: args.embed_dim,
    depth: args.depth,
    heads: args.num_heads,
    mlpRatio: args.mlp_ratio,
    qkvBias: args.qkv_bias,
    classToken: args.class_token,
    positions: parsed.data.positions,
    pooling: parsed.data.global_pool === "avg" ? "mean" : "token",
  };
  const backbone = { ...vit(shape), preprocessing: { mean: preprocessing.mean, std: preprocessing.std } };
  const graph = new Graph();
  classificationHead(backboneFeatures(backbone, graph.input("images", "float32", [1, ...inputShape(backbone)])).pooled, labels.length);
  const loaded: Tensors = checkWeights(graph, readSafetensors(weights, `${where}/model.safetensors`).tensors, { where });
  return { backbone, labels, weights: loaded, adapter: undefined, training: undefined };
}
