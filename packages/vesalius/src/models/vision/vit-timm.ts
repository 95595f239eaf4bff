import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { asImageSize, heightAndWidth, type ImageSize, imageSizeSchema, pixelsOfTimm } from "../image-roles.ts";
import { hiddenActivations, publishedActivation, publishedActivationSchema } from "../layers/hidden-activations.ts";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import type { Preparation } from "../network.ts";
import type { VitConfig, vitConfigSchema } from "./vit.ts";

const pools = z.enum(["token", "avg"]);

/** Arguments of timm's `VisionTransformer`; they say what differs from the named model. */
const argumentsSchema = z.object({
  img_size: imageSizeSchema.optional(),
  patch_size: imageSizeSchema.optional(),
  in_chans: z.int().positive().optional(),
  global_pool: pools.optional(),
  embed_dim: z.int().positive().optional(),
  depth: z.int().positive().optional(),
  num_heads: z.int().positive().optional(),
  mlp_ratio: z.number().positive().optional(),
  qkv_bias: z.boolean().optional(),
  class_token: z.boolean().optional(),
  init_values: z.number().positive().nullish(),
  act_layer: z.literal("gelu").nullish(),
  norm_layer: z.null().optional(),
  pos_embed: z.literal("learn").optional(),
  proj_bias: z.literal(true).optional(),
  final_norm: z.literal(true).optional(),
  fc_norm: z.boolean().nullish(),
});

/** Arguments that act in training alone, say how weights start, or what is done with images of other sizes. */
const neutralArguments = keysIn(
  "num_classes drop_rate pos_drop_rate patch_drop_rate proj_drop_rate attn_drop_rate drop_path_rate weight_init fix_init " +
    "dynamic_img_size dynamic_img_pad strict_img_size",
);

/** What of timm's `config.json` decides the network, and what timm has no place for. */
const fileSchema = z.object({
  architecture: z.string(),
  global_pool: pools.default("token"),
  model_args: z.looseObject({}).optional(),
  pretrained_cfg: z.looseObject({ input_size: z.array(z.int().positive()).length(3).optional() }).optional(),
  positions: z.enum(["learned", "sineCosine"]).default("learned"),
  epsilon: z.number().positive().default(1e-6),
  activation: publishedActivationSchema("gelu"),
});

type Sizes = Partial<z.input<typeof vitConfigSchema>>;

/** Sizes of timm's models by the word in their names. */
const sizes: Readonly<Record<string, Sizes>> = {
  tiny: { width: 192, heads: 3 },
  small: { width: 384, heads: 6 },
  base: {},
  large: { width: 1024, depth: 24, heads: 16 },
  huge: { width: 1280, depth: 32, heads: 16 },
  giant: { width: 1408, depth: 40, heads: 16, mlpRatio: 48 / 11 },
  gigantic: { width: 1664, depth: 48, heads: 16, mlpRatio: 64 / 13 },
};

/** The settings that a name of timm stands for; undefined for a name of something else. */
function namedSettings(name: string): Sizes | undefined {
  if (name === "vit") return {};
  const plain = /^(?:vit|deit)_([a-z]+)_patch(\d+)_(\d+)$/.exec(name);
  const size = plain !== null && Object.hasOwn(sizes, plain[1]!) ? sizes[plain[1]!] : undefined;
  if (size !== undefined) return { ...size, patchSize: Number(plain![2]), imageSize: Number(plain![3]) };
  if (!/^(?:vit|deit|deit3|eva|eva02|beit|beitv2)_/.test(name)) return undefined;
  throw new VesaliusError("bad-configuration", `timm's ${name} is no plain vision transformer, and is not supported`, {
    fix:
      `use a checkpoint named vit_SIZE_patchP_N with SIZE one of ${Object.keys(sizes).join(", ")}, such as ` +
      "vit_base_patch16_224; others differ in their normalizations, tokens, positions or perceptrons",
  });
}

/** Refuses settings that say two things about one. */
function refuse(problem: string): never {
  throw new VesaliusError("bad-configuration", `this config.json is no vision transformer: ${problem}`, {
    fix: "use the configuration that came with the checkpoint",
  });
}

/** The size of the images: that of the arguments, of the pretrained model, or of the name, in timm's order. */
function sizeOf(argument: ImageSize | undefined, input: readonly number[] | undefined, named: ImageSize | undefined) {
  const pretrained = input === undefined ? undefined : asImageSize([input[1]!, input[2]!]);
  if (argument !== undefined && pretrained !== undefined) {
    const [own, read] = [heightAndWidth(argument).join(" x "), heightAndWidth(pretrained).join(" x ")];
    if (own !== read) refuse(`img_size is ${own}, input_size of pretrained_cfg is ${read}`);
  }
  return argument ?? pretrained ?? named;
}

/**
 * Settings of a vision transformer from timm's `config.json`, as it lies on Hugging Face's hub: `architecture` with the name
 * of a model (`vit_base_patch16_224`, `deit_small_patch16_224`), `model_args` that differ from it, `pretrained_cfg`. The name
 * `vit` stands for timm's class with its defaults.
 *
 * @returns undefined for the file of something else
 * @throws VesaliusError `bad-configuration` for a transformer of timm that is built in another way, for keys that change the
 * computation and are not supported, and where sizes contradict each other
 */
export function vitFromTimm(
  json: Readonly<Record<string, unknown>>,
): { settings: unknown; preparation?: Preparation } | undefined {
  const { architecture } = json;
  const named = typeof architecture === "string" ? namedSettings(architecture) : undefined;
  if (named === undefined) return undefined;
  const what = "this config.json is no vision transformer";
  const read = readPublishedConfig(what, fileSchema, json, { neutral: ["num_features", "num_classes", "vesalius"] });
  const { model_args: given = {}, pretrained_cfg: pretrained } = read;
  const args = readPublishedConfig(`${what}, its model_args`, argumentsSchema, given, { neutral: neutralArguments });
  const pool = args.global_pool ?? read.global_pool;
  if (typeof args.fc_norm === "boolean" && args.fc_norm !== (pool === "avg"))
    refuse(`fc_norm is ${args.fc_norm} with global_pool ${pool}`);
  const channels = args.in_chans ?? pretrained?.input_size?.[0];
  const imageSize = sizeOf(args.img_size, pretrained?.input_size, named.imageSize);
  const settings = {
    ...named,
    ...(imageSize === undefined ? {} : { imageSize }),
    ...(args.patch_size === undefined ? {} : { patchSize: args.patch_size }),
    ...(channels === undefined ? {} : { channels }),
    ...(args.embed_dim === undefined ? {} : { width: args.embed_dim }),
    ...(args.depth === undefined ? {} : { depth: args.depth }),
    ...(args.num_heads === undefined ? {} : { heads: args.num_heads }),
    ...(args.mlp_ratio === undefined ? {} : { mlpRatio: args.mlp_ratio }),
    ...(args.qkv_bias === undefined ? {} : { qkvBias: args.qkv_bias }),
    ...(args.class_token === undefined ? {} : { classToken: args.class_token }),
    ...(typeof args.init_values === "number" ? { layerScale: args.init_values } : {}),
    pooling: pool === "avg" ? "mean" : "token",
    positions: read.positions,
    epsilon: read.epsilon,
    activation: read.activation,
  };
  const preparation = pixelsOfTimm(json);
  return { settings, ...(preparation === undefined ? {} : { preparation }) };
}

/** A vision transformer in the keys of timm's `config.json`, with those of its settings that timm has no place for. */
export function vitToTimm(config: VitConfig, preparation: Preparation): Readonly<Record<string, unknown>> {
  const { mean, std } = { mean: [0], std: [1], ...preparation["image"] };
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
      ...(config.layerScale === undefined ? {} : { init_values: config.layerScale }),
    },
    pretrained_cfg: { input_size: [config.channels, ...heightAndWidth(config.imageSize)], mean, std },
    positions: config.positions,
    ...(config.epsilon === 1e-6 ? {} : { epsilon: config.epsilon }),
    ...(hiddenActivations[config.activation] === hiddenActivations.gelu
      ? {}
      : { activation: publishedActivation(config.activation) }),
  };
}
