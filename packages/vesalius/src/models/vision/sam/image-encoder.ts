import { z } from "zod";
import {
  add,
  elementCount,
  gather,
  type Graph,
  matMul,
  multiply,
  reshape,
  transpose,
  unsqueeze,
  type Value,
} from "../../../graph/index.ts";
import { convolutionLayer } from "../../layers/convolution.ts";
import { hiddenActivations, hiddenActivationSchema } from "../../layers/hidden-activations.ts";
import { channelNormLayer, channelsFirst } from "../../layers/normalization.ts";
import { patchEmbedding } from "../../layers/patches.ts";
import {
  fusedSelfAttention,
  mlp,
  preNormBlock,
  type PreNormNames,
  timmBlockNames,
  transformerInit,
} from "../../layers/transformer.ts";
import { gridCoordinates, mergeWindows, paddedExtents, padSpatial, partitionWindows } from "../../layers/windows.ts";

/** Bottleneck adapters of the Medical SAM Adapter (Wu et al. 2023, 2D form). */
export const samAdapterSchema = z.strictObject({
  /** Width of the bottleneck divided by the width of the block. */
  ratio: z.number().positive().default(0.25),
  /** Weight of the adapter beside the perceptron. */
  scale: z.number().default(0.5),
});

/** Configuration of SAM's image encoder; ViT-B by default. */
export const samEncoderSchema = z
  .strictObject({
    imageSize: z.int().positive().default(1024),
    patchSize: z.int().positive().default(16),
    channels: z.int().positive().default(3),
    width: z.int().positive().default(768),
    depth: z.int().positive().default(12),
    heads: z.int().positive().default(12),
    mlpRatio: z.number().positive().default(4),
    qkvBias: z.boolean().default(true),
    /** Extent of the windows, in patches. */
    windowSize: z.int().positive().default(14),
    /** Blocks that attend to the whole image. */
    globalBlocks: z.array(z.int().nonnegative()).default([2, 5, 8, 11]),
    /** Whether each patch has a vector of its own place. */
    absolutePositions: z.boolean().default(true),
    /** Whether attention sees distances in rows and columns. */
    relativePositions: z.boolean().default(true),
    activation: hiddenActivationSchema.default("gelu"),
    /** Epsilon of the layer normalizations of the blocks. */
    epsilon: z.number().positive().default(1e-6),
    /** Channels of the image embedding. */
    outputChannels: z.int().positive().default(256),
    /** Trained in place of the encoder's own weights where they are given. */
    adapters: samAdapterSchema.optional(),
  })
  .refine(({ imageSize, patchSize }) => imageSize % patchSize === 0, {
    error: "the patch size divides the image size",
    path: ["patchSize"],
  });

/** Configuration of SAM's image encoder. */
export type SamEncoderConfig = z.infer<typeof samEncoderSchema>;

const blockNames: PreNormNames = { ...timmBlockNames, layers: ["lin1", "lin2"] };

/** Names of the tables of relative positions; Medical SAM Adapter has others than SAM. */
export interface RelativePositionNames {
  readonly rows: string;
  readonly columns: string;
}

const samPositionNames: RelativePositionNames = { rows: "rel_pos_h", columns: "rel_pos_w" };

/** Vectors for each pair of positions of a line, from a table `[2 * extent - 1, width]`: `[extent, width, extent]`. */
function pairVectors(graph: Graph, name: string, extent: number, width: number): Value {
  const table = graph.parameter(name, [2 * extent - 1, width], { kind: "zeros" });
  const index = Int32Array.from(
    { length: extent * extent },
    (_, pair) => Math.floor(pair / extent) - (pair % extent) + extent - 1,
  );
  const looked = gather(table, graph.constant({ dtype: "int32", shape: [extent, extent], data: index }), 0);
  return transpose(looked, [0, 2, 1]);
}

/**
 * Decomposed relative positions (Li et al. 2022, MViTv2): each query's product with a vector for the distance in rows
 * plus that with one for the distance in columns.
 *
 * @param query `[batch, heads, rows * columns, headWidth]`, not scaled
 * @returns `[batch, heads, rows * columns, rows * columns]`
 */
function decomposedPositions(
  query: Value,
  name: string,
  grid: readonly [number, number],
  names: RelativePositionNames,
) {
  const [batch, heads, count, width] = query.shape as [number, number, number, number];
  const [rows, columns] = grid;
  const cells = reshape(query, [batch * heads, rows, columns, width]);
  const alongRows = matMul(cells, pairVectors(query.graph, `${name}.${names.rows}`, rows, width));
  const turned = transpose(cells, [0, 2, 1, 3]);
  const products = matMul(turned, pairVectors(query.graph, `${name}.${names.columns}`, columns, width));
  const alongColumns = transpose(products, [0, 2, 1, 3]);
  return reshape(add(unsqueeze(alongRows, [4]), unsqueeze(alongColumns, [3])), [batch, heads, count, count]);
}

/** Options of `samBlock`. */
export interface SamBlockOptions
  extends
    Pick<SamEncoderConfig, "heads" | "mlpRatio" | "qkvBias" | "adapters">,
    Partial<Pick<SamEncoderConfig, "relativePositions" | "activation" | "epsilon">> {
  /** Extent of the windows; undefined attends to the whole image. */
  readonly windowSize: number | undefined;
  /** SAM's own by default. */
  readonly positionNames?: RelativePositionNames;
}

/** Two linear layers `D_fc1`, `D_fc2` with an exact GELU between them. */
const adapter = (x: Value, name: string, ratio: number): Value =>
  mlp(x, name, Math.trunc(x.shape.at(-1)! * ratio), { names: ["D_fc1", "D_fc2"] });

/** Fills the padding of windows with the bias of a normalization, as normalising the padded zeros would. */
function padWithNormBias(normed: Value, norm: string, window: readonly number[]): Value {
  const { graph, shape } = normed;
  const spatial = shape.slice(1, -1) as [number, number];
  const extents = paddedExtents(spatial, window) as [number, number];
  const isPadding = gridCoordinates(extents).map(([row, column]) =>
    row! >= spatial[0] || column! >= spatial[1] ? 1 : 0,
  );
  const padding = graph.constant({ dtype: "float32", shape: [1, ...extents, 1], data: Float32Array.from(isPadding) });
  const bias = graph.parameter(`${norm}.bias`, [shape.at(-1)!], { kind: "zeros" });
  return add(padSpatial(normed, extents), multiply(padding, bias));
}

/**
 * Block of SAM's image encoder: a pre-norm transformer block that attends in windows or to the whole image. SAM pads
 * windows with zeros after the normalization; Medical SAM Adapter pads before it. With adapters, `Space_Adapter` follows
 * the attention with a shortcut, and `MLP_Adapter` lies beside the perceptron.
 *
 * @param x `[batch, rows, columns, width]`
 * @returns the result, and what `Space_Adapter` gave `[batch * windows, ...window, width]`
 */
export function samBlock(x: Value, name: string, options: SamBlockOptions): { output: Value; adapted?: Value } {
  const { heads, adapters, windowSize, positionNames = samPositionNames, epsilon = 1e-6 } = options;
  const { relativePositions = true, activation = "gelu" } = options;
  const [batch, rows, columns, width] = x.shape as [number, number, number, number];
  const window: readonly [number, number] = windowSize === undefined ? [rows, columns] : [windowSize, windowSize];
  let adapted: Value | undefined;
  const attend = (normed: Value, part: string): Value => {
    const padded = adapters === undefined ? normed : padWithNormBias(normed, `${name}.${blockNames.norm1}`, window);
    const windows = partitionWindows(padded, window);
    const tokens = reshape(windows, [windows.shape[0]!, elementCount(window), width]);
    const attended = fusedSelfAttention(tokens, part, heads, {
      qkvBias: options.qkvBias,
      ...(relativePositions ? { bias: (query: Value) => decomposedPositions(query, part, window, positionNames) } : {}),
    });
    if (adapters === undefined) return mergeWindows(attended, window, batch, [rows, columns]);
    const sum = add(attended, adapter(attended, `${name}.Space_Adapter`, adapters.ratio));
    adapted = reshape(sum, windows.shape);
    return mergeWindows(adapted, window, batch, [rows, columns]);
  };
  const output = preNormBlock(x, name, {
    heads,
    mlpRatio: options.mlpRatio,
    epsilon,
    names: blockNames,
    activation: hiddenActivations[activation],
    attend,
    ...(adapters && {
      besideMlp: (normed: Value) => multiply(adapter(normed, `${name}.MLP_Adapter`, adapters.ratio), adapters.scale),
    }),
  });
  return adapted === undefined ? { output } : { output, adapted };
}

/**
 * Image encoder of Segment Anything (Kirillov et al. 2023) with the parameter names of its checkpoints, under
 * `image_encoder`.
 *
 * @param images `[batch, channels, imageSize, imageSize]`
 * @returns `[batch, outputChannels, imageSize / patchSize, imageSize / patchSize]`
 */
export function samImageEncoder(images: Value, config: SamEncoderConfig): Value {
  const prefix = "image_encoder";
  const side = config.imageSize / config.patchSize;
  const shape = [1, side, side, config.width];
  const patches = patchEmbedding(images, `${prefix}.patch_embed.proj`, config.patchSize, config.width);
  let x = reshape(patches, [images.shape[0]!, side, side, config.width]);
  if (config.absolutePositions) x = add(x, images.graph.parameter(`${prefix}.pos_embed`, shape, transformerInit));
  for (let i = 0; i < config.depth; i++) {
    const windowSize = config.globalBlocks.includes(i) ? undefined : config.windowSize;
    x = samBlock(x, `${prefix}.blocks.${i}`, { ...config, windowSize }).output;
  }
  const channels = config.outputChannels;
  const narrow = convolutionLayer(channelsFirst(x), `${prefix}.neck.0`, channels, { kernel: 1, bias: false });
  const normed = channelNormLayer(narrow, `${prefix}.neck.1`);
  const smooth = convolutionLayer(normed, `${prefix}.neck.2`, channels, { kernel: 3, bias: false });
  return channelNormLayer(smooth, `${prefix}.neck.3`);
}
