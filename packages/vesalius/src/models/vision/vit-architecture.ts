import { VesaliusError } from "../../common/errors.ts";
import { add, multiply, reshape, select, slice, subtract, type Value } from "../../graph/index.ts";
import { heightAndWidth, imageEncoder } from "../image-roles.ts";
import { transformerInit } from "../layers/linear.ts";
import { architectureEntry, type Features, type HiddenPlaces, type Network } from "../network.ts";
import { encodeVisible } from "./mae.ts";
import {
  classificationHead,
  type VitConfig,
  vitBlocks,
  vitConfigSchema,
  vitFeatures,
  vitFeaturesOf,
  vitGrid,
  vitPatchTokens,
  withClassToken,
} from "./vit.ts";
import { vitFromHuggingFace } from "./vit-hugging-face.ts";
import { vitFromTimm, vitToTimm } from "./vit-timm.ts";
import { suggestVit } from "../suggestions/vit.ts";

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
  const { imageSize, channels, depth } = config;
  return {
    name: "vit",
    config,
    reads: { image: imageEncoder({ channels, extents: heightAndWidth(imageSize) }) },
    features: ({ image }, { hidden }) => features(image!["pixels"]!, config, hidden?.["image"]),
    hides: { image: ["visible", "masked"] },
    grid: () => vitGrid(config),
    layers: depth,
    layerOf: (parameter) => layerOf(parameter, depth),
    heads: { classes: ({ pooled }, outputs) => ({ logits: classificationHead(pooled, outputs) }) },
    mayDiffer: (parameter) => {
      if (/^(head|fc_norm)\./.test(parameter)) return "new";
      // The pooler and the decoder of transformers' classes, which are other heads, and what stands for hidden patches.
      if (/^(pooler|decoder)\.|^embeddings\.mask_token$/.test(parameter)) return "left";
      // The last norm of a pretrained encoder, which mean pooling does not use.
      return parameter.startsWith("norm.") ? "left" : undefined;
    },
    toFile: (preparation) => vitToTimm(config, preparation),
  };
}

const size = (width: number, depth: number, heads: number) => ({ width, depth, heads, channels: 1, pooling: "mean" });

/**
 * Vision transformers (Dosovitskiy et al. 2021) under timm's names. The named sizes read one channel and pool by the mean
 * unless told otherwise.
 */
export const vitArchitecture = architectureEntry({
  name: "vit",
  summary: "Vision transformer over patches of an image.",
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
    const patch = heightAndWidth(patchSize);
    if (heightAndWidth(imageSize).some((extent, axis) => extent % patch[axis]! !== 0))
      throw new VesaliusError(
        "bad-configuration",
        `the patch size ${[patchSize].flat().join(" x ")} does not divide the image size ${[imageSize].flat().join(" x ")}`,
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
  fromFile: (json) => vitFromHuggingFace(json) ?? vitFromTimm(json),
});
