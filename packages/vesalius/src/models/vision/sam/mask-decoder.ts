import {
  add,
  concat,
  elementCount,
  expand,
  gelu,
  matMul,
  relu,
  reshape,
  select,
  transpose,
  slice,
  type Value,
} from "../../../graph/index.ts";
import { convolutionTransposeLayer } from "../../layers/convolution.ts";
import { channelNormLayer } from "../../layers/normalization.ts";
import { layerNormLayer, linearLayer, mlp, multiHeadAttention } from "../../layers/transformer.ts";

/** Sizes of the mask decoder. */
export interface SamDecoderOptions {
  readonly depth: number;
  readonly heads: number;
  readonly hiddenWidth: number;
  /** Division of the width inside the attentions between tokens and image. */
  readonly attentionReduction: number;
  /** Masks beside the first, for prompts that may mean several things. */
  readonly ambiguousMasks: number;
  readonly qualityDepth: number;
  readonly qualityWidth: number;
  /** Epsilon of the normalizations of the blocks; that of PyTorch's `LayerNorm` by default, as in Meta's code. */
  readonly epsilon?: number;
}

const prefix = "mask_decoder";
/** Epsilon of PyTorch's `LayerNorm` where nothing else is said. */
const usualEpsilon = 1e-5;

/** Tokens and image cells, each `[batch, count, channels]`, with the positions that are added to queries and keys. */
interface TwoWay {
  readonly tokens: Value;
  readonly image: Value;
  readonly tokenPositions: Value;
  readonly imagePositions: Value;
}

/** Attention whose keys carry positions and whose values do not. */
function attend(query: Value, key: Value, values: Value, name: string, heads: number, reduction: number): Value {
  return multiHeadAttention(query, {
    heads,
    headWidth: query.shape.at(-1)! / reduction / heads,
    context: key,
    values,
    projections: {
      query: `${name}.q_proj`,
      key: `${name}.k_proj`,
      value: `${name}.v_proj`,
      output: `${name}.out_proj`,
    },
  }).output;
}

/** Tokens attend to themselves and to the image, then the image attends to the tokens. Normalised after each step. */
function twoWayBlock(state: TwoWay, name: string, isFirst: boolean, options: SamDecoderOptions): TwoWay {
  const { heads, attentionReduction: reduction, epsilon = usualEpsilon } = options;
  const norm = (x: Value, index: number): Value => layerNormLayer(x, `${name}.norm${index}`, epsilon);
  const placed = (tokens: Value): Value => add(tokens, state.tokenPositions);
  const keys = add(state.image, state.imagePositions);
  let { tokens } = state;
  const itself = isFirst ? tokens : placed(tokens);
  const attended = attend(itself, itself, tokens, `${name}.self_attn`, heads, 1);
  tokens = norm(isFirst ? attended : add(tokens, attended), 1);
  tokens = norm(
    add(tokens, attend(placed(tokens), keys, state.image, `${name}.cross_attn_token_to_image`, heads, reduction)),
    2,
  );
  const hidden = mlp(tokens, `${name}.mlp`, options.hiddenWidth, { activation: relu, names: ["lin1", "lin2"] });
  tokens = norm(add(tokens, hidden), 3);
  const seen = attend(keys, placed(tokens), tokens, `${name}.cross_attn_image_to_token`, heads, reduction);
  return { ...state, tokens, image: norm(add(state.image, seen), 4) };
}

/** Linear layers `${name}.layers.0`, ... with rectifiers between them. */
const perceptron = (x: Value, name: string, widths: readonly number[]): Value =>
  widths.reduce((value, width, i) => {
    const y = linearLayer(value, `${name}.layers.${i}`, width);
    return i === widths.length - 1 ? y : relu(y);
  }, x);

/** Raises the resolution of the image embedding four times. */
function upscaled(image: Value): Value {
  const name = `${prefix}.output_upscaling`;
  const channels = image.shape[1]!;
  const twice = { kernel: 2, stride: 2 };
  const half = gelu(channelNormLayer(convolutionTransposeLayer(image, `${name}.0`, channels / 4, twice), `${name}.1`));
  return gelu(convolutionTransposeLayer(half, `${name}.3`, channels / 8, twice));
}

/** What the mask decoder predicts. The first mask is for prompts that leave no doubt, the others for those that do. */
export interface SamMasks {
  /** Logits `[batch, 1 + ambiguousMasks, 4 * rows, 4 * columns]`. */
  readonly masks: Value;
  /** Estimated intersection over union of each mask, `[batch, 1 + ambiguousMasks]`. */
  readonly quality: Value;
}

/**
 * Two-way mask decoder of Segment Anything (Kirillov et al. 2023) with the parameter names of its checkpoints, under
 * `mask_decoder`.
 *
 * @param image embedding `[1 or batch, channels, rows, columns]`
 * @param imagePositions `[1, channels, rows, columns]`
 * @param sparse embeddings of points and boxes `[batch, count, channels]`
 * @param dense embedding of the mask `[1 or batch, channels, rows, columns]`
 */
export function samMaskDecoder(
  image: Value,
  imagePositions: Value,
  sparse: Value,
  dense: Value,
  options: SamDecoderOptions,
): SamMasks {
  const { graph } = image;
  const [batch, , channels] = sparse.shape as [number, number, number];
  const [rows, columns] = image.shape.slice(2) as [number, number];
  const count = 1 + options.ambiguousMasks;
  const token = (name: string, number: number): Value =>
    graph.parameter(`${prefix}.${name}.weight`, [number, channels], { kind: "normal", standardDeviation: 1 });
  const outputs = reshape(concat([token("iou_token", 1), token("mask_tokens", count)], 0), [1, 1 + count, channels]);
  const tokens = concat([expand(outputs, [batch, 1 + count, channels]), sparse], 1);
  const flat = (x: Value): Value => transpose(reshape(x, [x.shape[0]!, channels, rows * columns]), [0, 2, 1]);
  const cells = expand(flat(add(image, dense)), [batch, rows * columns, channels]);
  let state: TwoWay = { tokens, image: cells, tokenPositions: tokens, imagePositions: flat(imagePositions) };
  const name = `${prefix}.transformer`;
  for (let i = 0; i < options.depth; i++) state = twoWayBlock(state, `${name}.layers.${i}`, i === 0, options);
  const last = attend(
    add(state.tokens, tokens),
    add(state.image, state.imagePositions),
    state.image,
    `${name}.final_attn_token_to_image`,
    options.heads,
    options.attentionReduction,
  );
  const final = layerNormLayer(add(state.tokens, last), `${name}.norm_final_attn`, usualEpsilon);
  const fine = upscaled(reshape(transpose(state.image, [0, 2, 1]), [batch, channels, rows, columns]));
  // Each mask token becomes the weights of a 1x1 convolution over the fine features.
  const kernels = Array.from({ length: count }, (_, i) => {
    const widths = [channels, channels, channels / 8];
    const kernel = perceptron(select(final, 1, 1 + i), `${prefix}.output_hypernetworks_mlps.${i}`, widths);
    return reshape(kernel, [batch, 1, channels / 8]);
  });
  const extents = fine.shape.slice(2);
  const pixels = reshape(fine, [batch, channels / 8, elementCount(extents)]);
  const masks = reshape(matMul(concat(kernels, 1), pixels), [batch, count, ...extents]);
  const widths = Array.from({ length: options.qualityDepth }, (_, i) =>
    i === options.qualityDepth - 1 ? count : options.qualityWidth,
  );
  return { masks, quality: perceptron(select(final, 1, 0), `${prefix}.iou_prediction_head`, widths) };
}

/** The masks for prompts that leave a doubt (`multimask_output`), or the single one for those that do not. */
export const chooseMasks = ({ masks, quality }: SamMasks, ambiguous: boolean): SamMasks => {
  const [start, end] = ambiguous ? [1, masks.shape[1]!] : [0, 1];
  return { masks: slice(masks, 1, start, end), quality: slice(quality, 1, start, end) };
};
