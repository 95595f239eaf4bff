import {
  add,
  concat,
  cos,
  equal,
  expand,
  gather,
  gelu,
  type Graph,
  matMul,
  multiply,
  reshape,
  sin,
  subtract,
  unsqueeze,
  where,
  type Value,
} from "../../../graph/index.ts";
import { convolutionLayer } from "../../layers/convolution.ts";
import { channelNormLayer, channelsFirst } from "../../layers/normalization.ts";

/** What points SAM at an object. All tensors have the same batch. */
export interface SamPrompts {
  /** Points in pixels of the model's input, x before y, `[batch, points, 2]`, with their labels. */
  readonly points?: Value;
  /** 1 foreground, 0 background, -1 no point, int32 `[batch, points]`. */
  readonly labels?: Value;
  /** Corners in pixels, x before y, the upper left before the lower right, `[batch, 4]`. */
  readonly boxes?: Value;
  /** Logits of an earlier mask, `[batch, 1, 4 * rows, 4 * columns]` of the image embedding. */
  readonly masks?: Value;
}

/** Sizes that the prompt encoder needs. */
export interface SamPromptOptions {
  /** Channels of the embeddings. */
  readonly channels: number;
  /** Height and width of the model's input in pixels. */
  readonly imageSize: number;
  /** Rows and columns of the image embedding. */
  readonly gridSize: number;
  /** Channels inside the encoder of masks. */
  readonly maskChannels: number;
}

const prefix = "prompt_encoder";

/**
 * Random Fourier features of places (Tancik et al. 2020), whose directions are a buffer of the checkpoint.
 *
 * @param places `[..., 2]`, x before y, in [0, 1]
 * @returns `[..., channels]`
 */
function positionalEncoding(places: Value, channels: number): Value {
  const directions = places.graph.buffer(`${prefix}.pe_layer.positional_encoding_gaussian_matrix`, [2, channels / 2], {
    kind: "normal",
    standardDeviation: 1,
  });
  const angles = multiply(matMul(subtract(multiply(places, 2), 1), directions), 2 * Math.PI);
  return concat([sin(angles), cos(angles)], places.rank - 1);
}

/** Positions of every cell of the image embedding, `[1, channels, gridSize, gridSize]`. */
export function samImagePositions(graph: Graph, { channels, gridSize }: SamPromptOptions): Value {
  const centres = new Float32Array(gridSize * gridSize * 2);
  for (let row = 0; row < gridSize; row++)
    for (let column = 0; column < gridSize; column++)
      centres.set([(column + 0.5) / gridSize, (row + 0.5) / gridSize], (row * gridSize + column) * 2);
  const places = graph.constant({ dtype: "float32", shape: [1, gridSize, gridSize, 2], data: centres });
  return channelsFirst(positionalEncoding(places, channels));
}

const embedding = (graph: Graph, name: string, channels: number): Value =>
  graph.parameter(`${prefix}.${name}.weight`, [1, channels], { kind: "normal", standardDeviation: 1 });

/** Features of the centres of pixels, `[batch, points, channels]`. */
const encodePixels = (pixels: Value, { channels, imageSize }: SamPromptOptions): Value =>
  positionalEncoding(multiply(add(pixels, 0.5), 1 / imageSize), channels);

function encodePoints(points: Value, labels: Value, options: SamPromptOptions): Value {
  const { graph } = points;
  const { channels } = options;
  const kinds = ["not_a_point_embed", "point_embeddings.0", "point_embeddings.1"];
  const table = concat(
    kinds.map((kind) => embedding(graph, kind, channels)),
    0,
  );
  const kind = gather(table, add(labels, graph.scalar(1, labels.dtype)), 0);
  const isNone = unsqueeze(equal(labels, graph.scalar(-1, labels.dtype)), [2]);
  return add(where(isNone, graph.scalar(0), encodePixels(points, options)), kind);
}

function encodeBoxes(boxes: Value, options: SamPromptOptions): Value {
  const { graph } = boxes;
  const corners = encodePixels(reshape(boxes, [boxes.shape[0]!, 2, 2]), options);
  const kinds = [2, 3].map((kind) => embedding(graph, `point_embeddings.${kind}`, options.channels));
  return add(corners, concat(kinds, 0));
}

function encodeMasks(masks: Value, { channels, maskChannels }: SamPromptOptions): Value {
  const name = `${prefix}.mask_downscaling`;
  const half = (x: Value, layer: number, width: number): Value => {
    const strided = convolutionLayer(x, `${name}.${layer}`, width, { kernel: 2, stride: 2, padding: 0 });
    return gelu(channelNormLayer(strided, `${name}.${layer + 1}`));
  };
  const quarter = half(half(masks, 0, maskChannels / 4), 3, maskChannels);
  return convolutionLayer(quarter, `${name}.6`, channels, { kernel: 1 });
}

/**
 * Prompt encoder of Segment Anything (Kirillov et al. 2023) with the parameter names of its checkpoints, under
 * `prompt_encoder`. Points without a box get one more point that is none, as in the original.
 *
 * @returns sparse embeddings `[batch, points and corners, channels]`, undefined without points and boxes, and dense ones
 * `[batch, channels, gridSize, gridSize]`, with batch 1 where there is no mask
 */
export function samPromptEncoder(
  graph: Graph,
  prompts: SamPrompts,
  options: SamPromptOptions,
): { sparse: Value | undefined; dense: Value } {
  const { channels, gridSize } = options;
  const parts: Value[] = [];
  if (prompts.points !== undefined && prompts.labels !== undefined) {
    parts.push(encodePoints(prompts.points, prompts.labels, options));
    const none = reshape(embedding(graph, "not_a_point_embed", channels), [1, 1, channels]);
    if (prompts.boxes === undefined) parts.push(expand(none, [prompts.points.shape[0]!, 1, channels]));
  }
  if (prompts.boxes !== undefined) parts.push(encodeBoxes(prompts.boxes, options));
  const dense =
    prompts.masks === undefined
      ? expand(reshape(embedding(graph, "no_mask_embed", channels), [1, channels, 1, 1]), [
          1,
          channels,
          gridSize,
          gridSize,
        ])
      : encodeMasks(prompts.masks, options);
  return { sparse: parts.length === 0 ? undefined : concat(parts, 1), dense };
}
