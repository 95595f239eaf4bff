import {
  add,
  cast,
  concat,
  elementCount,
  emit,
  expand,
  gather,
  type Graph,
  int,
  linear,
  multiply,
  power,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  square,
  subtract,
  type Value,
} from "../../graph/index.ts";
import { heightAndWidth } from "../image-roles.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import { patchify } from "../layers/patches.ts";
import { preNormBlock } from "../layers/transformer.ts";
import {
  fixedPositions,
  type PatchGrid,
  positionEmbedding,
  type VitConfig,
  vitBlocks,
  vitGrid,
  vitInit,
  withClassToken,
} from "./vit.ts";

/** Epsilon of the layer normalizations of the decoder. */
const decoderEpsilon = 1e-6;

/** The small decoder of a masked autoencoder. */
export interface MaeDecoderConfig {
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
}

/** What a masked autoencoder computes. */
export interface MaeOutputs {
  /** Encoder tokens after the last normalization, `[batch, 1 + kept, width]`. */
  readonly latent: Value;
  /** Predicted patches `[batch, patches, patch * patch * channels]`, channels last inside a patch. */
  readonly prediction: Value;
  /** Target patches, normalised if asked for; same shape. */
  readonly target: Value;
  /** 1 where a patch was removed, 0 where it was kept, `[batch, patches]`. */
  readonly mask: Value;
  /** Position of each patch in the shuffled order, `[batch, patches]`, int32. */
  readonly restore: Value;
  /** Mean squared error over the removed patches, scalar. */
  readonly loss: Value;
}

/** Adds the start of each image's rows, so that positions within an image index the rows of the whole batch. */
function batchRows(positions: Value, patches: number): Value {
  const batch = positions.shape[0]!;
  const starts = Int32Array.from({ length: batch }, (_, i) => i * patches);
  return add(positions, positions.graph.constant({ dtype: "int32", shape: [batch, 1], data: starts }));
}

/** Inverse of each row of a permutation `[batch, length]`, int32. */
function inversePermutation(order: Value): Value {
  const [batch, length] = order.shape as [number, number];
  const graph = order.graph;
  const places = Int32Array.from({ length: batch * length }, (_, i) => i % length);
  const zero = graph.constant({ dtype: "int32", shape: [batch, length], data: new Int32Array(batch * length) });
  return emit(
    "ScatterElements",
    [zero, order, graph.constant({ dtype: "int32", shape: [batch, length], data: places })],
    {
      axis: int(1),
    },
  );
}

/** Reorders rows; the gradient is the inverse reordering, which needs no scatter. */
function permuteRows(x: Value, order: Value, inverse: Value): Value {
  return x.graph.node("Gather", [x, order], {
    attributes: { axis: int(0) },
    gradient: {
      rule: ({ outputGradients, uses }) => [gather(outputGradients[0]!, uses[0]!, 0), undefined],
      uses: [inverse],
    },
  })[0]!;
}

/** Target patches with zero mean and unit (unbiased) variance each, as `norm_pix_loss` in MAE. */
function normalizePatches(patches: Value): Value {
  const size = patches.shape.at(-1)!;
  const centred = subtract(patches, reduceMean(patches, [-1]));
  const variance = multiply(reduceSum(square(centred), [-1]), 1 / (size - 1));
  return multiply(centred, power(add(variance, 1e-6), -0.5));
}

/**
 * Kept patches through the encoder of a vision transformer: only they are embedded, which is where MAE saves its time.
 *
 * @param images `[batch, channels, height, width]`
 * @param kept positions of the patches that are seen, int32 `[batch, kept]`
 * @returns class token and kept patches after the last normalization, `[batch, 1 + kept, width]`
 */
export function encodeVisible(images: Value, kept: Value, config: VitConfig): Value {
  const patch = heightAndWidth(config.patchSize);
  const patches = patchify(images, patch, "channelFirst");
  const graph = patches.graph;
  const [batch, count, inside] = patches.shape as [number, number, number];
  const rows = batchRows(kept, count);
  const keptCount = kept.shape[1]!;
  const visible = gather(reshape(patches, [batch * count, inside]), reshape(rows, [batch * keptCount]), 0);
  const weight = graph.parameter("patch_embed.proj.weight", [config.width, config.channels, ...patch], {
    kind: "xavierUniform",
    fanIn: inside,
    fanOut: config.width,
  });
  const bias = graph.parameter("patch_embed.proj.bias", [config.width], { kind: "zeros" });
  const positions = positionEmbedding(graph, "pos_embed", config, config.width);
  const leading = config.classToken ? 1 : 0;
  const table = reshape(slice(positions, 1, leading, leading + count), [count, config.width]);
  const embedded = reshape(linear(visible, reshape(weight, [config.width, inside]), bias), [
    batch,
    keptCount,
    config.width,
  ]);
  const tokens = add(embedded, gather(table, kept, 0));
  return layerNormLayer(vitBlocks(withClassToken(tokens, positions, config), config), "norm", config.epsilon);
}

/** What the decoder has to know of the encoder. */
export interface MaskedPatches {
  /** Class tokens in front of the kept patches, 0 or 1. */
  readonly leading: number;
  /** Rows and columns of patches. */
  readonly grid: PatchGrid;
  /** Values of one patch. */
  readonly patchValues: number;
  readonly mlpRatio: number;
}

/**
 * Fills the removed places with the mask token, restores the order and predicts every patch.
 *
 * @param latent class token and kept patches, `[batch, leading + kept, width]`
 * @param order permutation of the patches whose first ones were kept, int32 `[batch, patches]`
 * @returns `[batch, patches, patchValues]`
 */
function decode(
  latent: Value,
  order: Value,
  restore: Value,
  { leading, grid, patchValues, mlpRatio }: MaskedPatches,
  decoder: MaeDecoderConfig,
): Value {
  const graph = latent.graph;
  const [batch, count] = order.shape as [number, number];
  const embedded = linearLayer(latent, "decoder_embed", decoder.width, { initializer: vitInit });
  const kept = embedded.shape[1]! - leading;
  const token = expand(
    graph.parameter("mask_token", [1, 1, decoder.width], { kind: "normal", standardDeviation: 0.02 }),
    [batch, count - kept, decoder.width],
  );
  const shuffled = reshape(concat([slice(embedded, 1, leading, leading + kept), token], 1), [
    batch * count,
    decoder.width,
  ]);
  const flat = (rows: Value) => reshape(batchRows(rows, count), [batch * count]);
  const restored = reshape(permuteRows(shuffled, flat(restore), flat(order)), [batch, count, decoder.width]);
  const all = leading === 0 ? restored : concat([slice(embedded, 1, 0, 1), restored], 1);
  let x = add(all, fixedPositions(graph, "decoder_pos_embed", { grid, leading, width: decoder.width }));
  for (let i = 0; i < decoder.depth; i++)
    x = preNormBlock(x, `decoder_blocks.${i}`, {
      heads: decoder.heads,
      mlpRatio,
      epsilon: decoderEpsilon,
      initializer: vitInit,
    });
  const normed = layerNormLayer(x, "decoder_norm", decoderEpsilon);
  const predicted = linearLayer(normed, "decoder_pred", patchValues, {
    initializer: vitInit,
  });
  return leading === 0 ? predicted : slice(predicted, 1, 1, count + 1);
}

/**
 * Masked autoencoder (He et al. 2022) with the parameter names of facebookresearch/mae.
 *
 * @param images `[batch, channels, height, width]`
 * @param order a random permutation of the patches for each image, `[batch, patches]`, int32; the first
 * `floor(patches * (1 - maskRatio))` are kept
 * @param options.normalizePixels predict patches normalised by their own mean and deviation
 */
export function maskedAutoencoder(
  images: Value,
  order: Value,
  config: VitConfig,
  options: { readonly maskRatio: number; readonly decoder: MaeDecoderConfig; readonly normalizePixels: boolean },
): MaeOutputs {
  const kept = slice(order, 1, 0, keptPatches(order.shape[1]!, options.maskRatio));
  const latent = encodeVisible(images, kept, config);
  const layout = {
    leading: config.classToken ? 1 : 0,
    grid: vitGrid(config),
    patchValues: elementCount(heightAndWidth(config.patchSize)) * config.channels,
    mlpRatio: config.mlpRatio,
  };
  return { latent, ...reconstruction(images, latent, order, kept.shape[1]!, layout, options) };
}

/** Height and width of the patches that lie in a grid over images `[batch, channels, height, width]`. */
export const patchOf = (images: Value, [rows, columns]: PatchGrid): readonly [number, number] => [
  images.shape[2]! / rows,
  images.shape[3]! / columns,
];

/** Patches that a mask ratio leaves. */
export const keptPatches = (patches: number, maskRatio: number): number => Math.trunc(patches * (1 - maskRatio));

/** Settings of a reconstruction of hidden patches. */
export interface ReconstructionOptions {
  readonly decoder: MaeDecoderConfig;
  /** Predict patches normalised by their own mean and deviation. */
  readonly normalizePixels: boolean;
}

/**
 * What a masked autoencoder adds to an encoder: the decoder, and the error over the hidden patches.
 *
 * @param images `[batch, channels, height, width]`
 * @param latent class token and kept patches of the encoder, `[batch, leading + kept, width]`
 * @param order permutation of the patches whose first `keptCount` were kept, int32 `[batch, patches]`
 */
export function reconstruction(
  images: Value,
  latent: Value,
  order: Value,
  keptCount: number,
  layout: MaskedPatches,
  { decoder, normalizePixels }: ReconstructionOptions,
): Omit<MaeOutputs, "latent"> {
  const graph: Graph = images.graph;
  const count = order.shape[1]!;
  const restore = inversePermutation(order);
  const mask = cast(emit("GreaterOrEqual", [restore, graph.scalar(keptCount, "int32")]), "float32");
  const prediction = decode(latent, order, restore, layout, decoder);
  const patches = patchify(images, patchOf(images, layout.grid), "channelLast");
  const target = normalizePixels ? normalizePatches(patches) : patches;
  const perPatch = reduceMean(square(subtract(prediction, target)), [-1], { keepDimensions: false });
  const removed = images.shape[0]! * (count - keptCount);
  const loss = multiply(reduceSum(multiply(perPatch, mask), undefined, { keepDimensions: false }), 1 / removed);
  return { prediction, target, mask, restore, loss };
}
