import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import { Graph } from "../graph/index.ts";
import { readSafetensors, writeSafetensors } from "../common/safetensors.ts";
import {
  type Backbone,
  backboneFeatures,
  inputShape,
  mayBeUnused,
  type Preprocessing,
  startsNew,
  vit,
} from "./backbone.ts";
import { checkWeights } from "./state-dictionary.ts";

/** The parts of timm's `config.json` that describe a vision transformer, plus `positions`, which timm has no place for. */
export const timmConfigSchema = z.looseObject({
  architecture: z.literal("vit"),
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

/** A backbone that has seen data. */
export type ReadyBackbone = Backbone & { readonly preprocessing: Preprocessing };

/** Describes a backbone in the keys of timm's `config.json`. */
export function timmConfig(backbone: ReadyBackbone): z.input<typeof timmConfigSchema> {
  const { config } = backbone;
  return {
    architecture: "vit",
    num_features: config.width,
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
  };
}

/** The backbone that a `config.json` describes, without weights. */
export function backboneOfTimmConfig(config: z.output<typeof timmConfigSchema>): ReadyBackbone {
  const { model_args: args, pretrained_cfg: preprocessing } = config;
  const backbone = vit({
    imageSize: args.img_size,
    patchSize: args.patch_size,
    channels: args.in_chans,
    width: args.embed_dim,
    depth: args.depth,
    heads: args.num_heads,
    mlpRatio: args.mlp_ratio,
    qkvBias: args.qkv_bias,
    classToken: args.class_token,
    positions: config.positions,
    pooling: config.global_pool === "avg" ? "mean" : "token",
  });
  return { ...backbone, preprocessing: { mean: preprocessing.mean, std: preprocessing.std } };
}

/**
 * Reads the text of a `config.json`.
 *
 * @param what the kind of model that the file should describe, for messages
 * @throws VesaliusError `bad-file` where the text does not parse or does not describe one
 */
export function parseModelConfig<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  what: string,
  where: string,
): z.output<Schema> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new VesaliusError("bad-file", "config.json is no valid JSON", { where, cause: error });
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success)
    throw new VesaliusError("bad-file", `config.json does not describe a ${what}: ${z.prettifyError(parsed.error)}`, {
      where,
    });
  return parsed.data;
}

/** Encodes a pretrained backbone as the files of its folder: weights under timm's names and `config.json`. */
export function backboneFiles(
  backbone: ReadyBackbone & { readonly weights: NonNullable<Backbone["weights"]> },
): Map<string, string | Uint8Array> {
  return new Map<string, string | Uint8Array>([
    ["backbone.safetensors", writeSafetensors(backbone.weights, { format: "pt" })],
    // Last, because its presence is what makes the folder a backbone.
    ["config.json", `${JSON.stringify(timmConfig(backbone), null, 2)}\n`],
  ]);
}

/**
 * Decodes a saved backbone.
 *
 * @param config text of `config.json`
 * @param weights bytes of `backbone.safetensors`
 * @param where folder, for messages
 * @throws VesaliusError `bad-file` for files that do not parse, `checkpoint-mismatch` listing weights that do not fit
 */
export function decodeBackbone(
  config: string,
  weights: Uint8Array,
  where: string,
): ReadyBackbone & { readonly weights: NonNullable<Backbone["weights"]> } {
  const backbone = backboneOfTimmConfig(parseModelConfig(timmConfigSchema, config, "backbone", where));
  const graph = new Graph();
  const { tokens, pooled } = backboneFeatures(backbone, graph.input("images", "float32", [1, ...inputShape(backbone)]));
  graph.output("tokens", tokens);
  graph.output("pooled", pooled);
  const { tensors } = readSafetensors(weights, `${where}/backbone.safetensors`);
  checkWeights(graph, tensors, { where, mayMiss: startsNew, mayBeLeft: mayBeUnused });
  return { ...backbone, weights: tensors };
}
