import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { add, multiply, reshape, select, slice, subtract, type Value } from "../../graph/index.ts";
import { transformerInit } from "../layers/linear.ts";
import { readPublishedConfig } from "../layers/published-config.ts";
import { architectureEntry, type Features, type HiddenPlaces, type Network, type Preparation } from "../network.ts";
import { encodeVisible } from "./mae.ts";
import {
  classificationHead,
  type VitConfig,
  vitBlocks,
  vitConfigSchema,
  vitFeatures,
  vitFeaturesOf,
  vitPatchTokens,
  withClassToken,
} from "./vit.ts";
import { suggestVit } from "../suggestions/vit.ts";

/** The parts of timm's `config.json` that describe a vision transformer, plus `positions`, which timm has no place for. */
const timmSchema = z.object({
  architecture: z.literal("vit"),
  global_pool: z.enum(["token", "avg"]),
  model_args: z.strictObject({
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

const leadingOf = ({ classToken }: VitConfig): number => (classToken ? 1 : 0);

/** Splits class token and patches of all tokens. */
function apart(tokens: Value, leading: number): Pick<Features, "places" | "leading"> {
  if (leading === 0) return { places: tokens };
  return { places: slice(tokens, 1, leading, tokens.shape[1]!), leading: slice(tokens, 1, 0, leading) };
}

/** Patches of which some show the mask token (SimMIM, Xie et al. 2022). */
function maskedFeatures(pixels: Value, masked: Value, config: VitConfig): { tokens: Value; pooled: Value } {
  const { tokens, positions } = vitPatchTokens(pixels, config);
  const [batch, places] = masked.shape as [number, number];
  const hide = reshape(masked, [batch, places, 1]);
  const token = pixels.graph.parameter("mask_token", [1, 1, config.width], transformerInit);
  const placed = add(token, slice(positions, 1, leadingOf(config), positions.shape[1]!));
  const shown = add(multiply(tokens, subtract(pixels.graph.scalar(1), hide)), multiply(placed, hide));
  return vitFeaturesOf(vitBlocks(withClassToken(shown, positions, config), config), config);
}

function features(pixels: Value, config: VitConfig, hidden: HiddenPlaces = {}): Features {
  const leading = leadingOf(config);
  if (hidden.visible !== undefined) {
    const latent = encodeVisible(pixels, hidden.visible, config);
    return { pooled: select(latent, 1, 0), ...apart(latent, leading) };
  }
  const { tokens, pooled } =
    hidden.masked === undefined ? vitFeatures(pixels, config) : maskedFeatures(pixels, hidden.masked, config);
  return { pooled, ...apart(tokens, leading) };
}

function layerOf(name: string, depth: number): number {
  const block = /^blocks\.(\d+)\./.exec(name);
  if (block !== null) return Number(block[1]) + 1;
  return /^(patch_embed|pos_embed|cls_token|mask_token)/.test(name) ? 0 : depth + 1;
}

function vitNetwork(config: VitConfig): Network {
  const { imageSize, patchSize, channels, depth } = config;
  const side = imageSize / patchSize;
  return {
    name: "vit",
    config,
    reads: { image: { name: "pixels", channels, height: imageSize, width: imageSize } },
    features: ({ image }, { hidden }) => features(image!["pixels"]!, config, hidden?.["image"]),
    hides: { image: ["visible", "masked"] },
    grid: () => [side, side],
    layers: depth,
    layerOf: (parameter) => layerOf(parameter, depth),
    heads: { classes: ({ pooled }, outputs) => ({ logits: classificationHead(pooled, outputs) }) },
    mayDiffer: (parameter) => {
      if (/^(head|fc_norm)\./.test(parameter)) return "new";
      // The last norm of a pretrained encoder, which mean pooling does not use.
      return parameter.startsWith("norm.") ? "left" : undefined;
    },
    toFile: (preparation) => timmConfig(config, preparation),
  };
}

/** A vision transformer in the keys of timm's `config.json`. */
function timmConfig(config: VitConfig, preparation: Preparation): Readonly<Record<string, unknown>> {
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
    },
    pretrained_cfg: { input_size: [config.channels, config.imageSize, config.imageSize], mean, std },
    positions: config.positions,
  };
}

function fromTimm(json: Readonly<Record<string, unknown>>) {
  if (json["architecture"] !== "vit") return undefined;
  const read = readPublishedConfig("this config.json is no vision transformer", timmSchema, json, {
    neutral: ["num_features", "num_classes", "vesalius"],
  });
  const { model_args: args, pretrained_cfg: statistics, positions, global_pool: pool } = read;
  const settings = {
    imageSize: args.img_size,
    patchSize: args.patch_size,
    channels: args.in_chans,
    width: args.embed_dim,
    depth: args.depth,
    heads: args.num_heads,
    mlpRatio: args.mlp_ratio,
    qkvBias: args.qkv_bias,
    classToken: args.class_token,
    positions,
    pooling: pool === "avg" ? ("mean" as const) : ("token" as const),
  };
  const { mean, std } = statistics;
  const image = { name: "pixels", channels: args.in_chans, height: args.img_size, width: args.img_size, mean, std };
  return { settings, preparation: { image } };
}

const size = (width: number, depth: number, heads: number) => ({ width, depth, heads, channels: 1, pooling: "mean" });

/**
 * Vision transformers (Dosovitskiy et al. 2021) under timm's names. The named sizes read one channel and pool by the mean
 * unless told otherwise.
 */
export const vitArchitecture = architectureEntry({
  name: "vit",
  summary: "Vision transformer over square patches.",
  settings: vitConfigSchema,
  paper: "Dosovitskiy et al. 2021",
  roles: { image: "images" },
  presets: {
    nano: size(32, 2, 2),
    /** 0.8 million parameters, for small images and two cores. */
    micro: size(128, 4, 4),
    /** 5.4 million parameters. */
    tiny: size(192, 12, 3),
    /** 21 million parameters. */
    small: size(384, 12, 6),
    /** 85 million parameters. */
    base: size(768, 12, 12),
  },
  create(config) {
    const { imageSize, patchSize, width, heads } = config;
    if (imageSize % patchSize !== 0)
      throw new VesaliusError(
        "bad-configuration",
        `the patch size ${patchSize} does not divide the image size ${imageSize}`,
        {
          fix: "choose a patch size that divides the image size",
        },
      );
    if (width % heads !== 0)
      throw new VesaliusError("bad-configuration", `${heads} heads do not divide the width ${width}`, {
        fix: "choose another number of heads",
      });
    return vitNetwork(config);
  },
  suggest: suggestVit,
  fromFile: fromTimm,
});
