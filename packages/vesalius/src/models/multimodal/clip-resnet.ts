import { z } from "zod";
import {
  add,
  averagePool,
  concat,
  reduceMean,
  relu,
  reshape,
  select,
  transpose,
  type Value,
} from "../../graph/index.ts";
import { convolutionLayer } from "../layers/convolution.ts";
import { batchNormLayer, type ForwardMode } from "../layers/normalization.ts";
import { multiHeadAttention } from "../layers/transformer.ts";

/** Configuration of CLIP's convolutional image tower; RN50 by default, whose shared space has 1024 dimensions. */
export const clipResnetConfigSchema = z.strictObject({
  imageSize: z.int().positive().multipleOf(32).default(224),
  channels: z.int().positive().default(3),
  /** Channels after the stem; the last stage has 32 times as many. */
  width: z.int().positive().multipleOf(2).default(64),
  /** Number of blocks of each stage. */
  depths: z.array(z.int().positive()).length(4).default([3, 4, 6, 3]),
  /** Heads of the pooling attention. */
  heads: z.int().positive().default(32),
});

/** Configuration of CLIP's convolutional image tower. */
export type ClipResnetConfig = z.infer<typeof clipResnetConfigSchema>;

const prefix = "visual";

const normed = (x: Value, name: string, mode: ForwardMode): Value => batchNormLayer(x, `${prefix}.${name}`, mode);

const convolve = (x: Value, name: string, channels: number, kernel: number, stride = 1): Value =>
  convolutionLayer(x, `${prefix}.${name}`, channels, { kernel, stride, bias: false });

/** Bottleneck whose strides are average poolings before a 1x1 convolution, so that none skips pixels. */
function bottleneck(x: Value, name: string, width: number, stride: number, mode: ForwardMode): Value {
  const pooled = (value: Value): Value => (stride === 1 ? value : averagePool(value, stride));
  const narrow = relu(normed(convolve(x, `${name}.conv1`, width, 1), `${name}.bn1`, mode));
  const middle = relu(normed(convolve(narrow, `${name}.conv2`, width, 3), `${name}.bn2`, mode));
  const branch = normed(convolve(pooled(middle), `${name}.conv3`, 4 * width, 1), `${name}.bn3`, mode);
  if (stride === 1 && x.shape[1] === 4 * width) return relu(add(branch, x));
  const shortcut = convolve(pooled(x), `${name}.downsample.0`, 4 * width, 1);
  return relu(add(branch, normed(shortcut, `${name}.downsample.1`, mode)));
}

/** The mean of all cells attends to all cells and itself. */
function attentionPool(x: Value, heads: number, embeddingWidth: number): Value {
  const [batch, width, rows, columns] = x.shape as [number, number, number, number];
  const name = `${prefix}.attnpool`;
  const cells = transpose(reshape(x, [batch, width, rows * columns]), [0, 2, 1]);
  const positions = x.graph.parameter(`${name}.positional_embedding`, [rows * columns + 1, width], {
    kind: "normal",
    standardDeviation: width ** -0.5,
  });
  const tokens = add(concat([reduceMean(cells, [1]), cells], 1), positions);
  const { output } = multiHeadAttention(reshape(select(tokens, 1, 0), [batch, 1, width]), {
    heads,
    context: tokens,
    outputWidth: embeddingWidth,
    projections: {
      query: `${name}.q_proj`,
      key: `${name}.k_proj`,
      value: `${name}.v_proj`,
      output: `${name}.c_proj`,
    },
  });
  return reshape(output, [batch, embeddingWidth]);
}

/**
 * Convolutional image tower of CLIP (Radford et al. 2021; `ModifiedResNet` of openai/CLIP) with the parameter names of
 * its checkpoints: three convolutions in the stem, average poolings for strides, an attention that pools. It takes the
 * place of `clipImageFeatures`.
 *
 * @param images `[batch, channels, imageSize, imageSize]`
 * @returns `[batch, embeddingWidth]`, not normalised
 */
export const clipResnetFeatures = (
  images: Value,
  config: ClipResnetConfig,
  embeddingWidth: number,
  mode: ForwardMode,
): Value => clipResnetPool(clipResnetStages(images, config, mode).at(-1)!, config, embeddingWidth);

/** The attention that pools the last feature map of `clipResnetStages`: `[batch, embeddingWidth]`, not normalised. */
export const clipResnetPool = (x: Value, { heads }: ClipResnetConfig, embeddingWidth: number): Value =>
  attentionPool(x, heads, embeddingWidth);

/** Result of each stage of CLIP's convolutional image tower, fine to coarse, `[batch, channels, height, width]`. */
export function clipResnetStages(images: Value, config: ClipResnetConfig, mode: ForwardMode): readonly Value[] {
  const { width } = config;
  const stages: Value[] = [];
  let x = relu(normed(convolve(images, "conv1", width / 2, 3, 2), "bn1", mode));
  x = relu(normed(convolve(x, "conv2", width / 2, 3), "bn2", mode));
  x = averagePool(relu(normed(convolve(x, "conv3", width, 3), "bn3", mode)), 2);
  config.depths.forEach((depth, stage) => {
    for (let i = 0; i < depth; i++) {
      const [name, input] = [`layer${stage + 1}.${i}`, x];
      const stride = i === 0 && stage > 0 ? 2 : 1;
      x = input.graph.block(name, () => bottleneck(input, name, width * 2 ** stage, stride, mode));
    }
    stages.push(x);
  });
  return stages;
}
