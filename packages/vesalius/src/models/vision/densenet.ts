import { z } from "zod";
import { averagePool, concat, maxPool, relu, type Value } from "../../graph/index.ts";
import { convolutionLayer } from "../layers/convolution.ts";
import { batchNormLayer, type ForwardMode } from "../layers/normalization.ts";
import { linearLayer } from "../layers/linear.ts";
import { type ConvolutionalFeatures, pooledChannels } from "./resnet.ts";

/** Configuration of a densely connected network; DenseNet-121 by default. */
export const densenetConfigSchema = z.strictObject({
  channels: z.int().positive().default(3),
  /** Channels that each layer adds. */
  growthRate: z.int().positive().default(32),
  /** Number of layers of each block. */
  depths: z.array(z.int().positive()).min(1).default([6, 12, 24, 16]),
  stemWidth: z.int().positive().default(64),
  /** Channels between the 1x1 and the 3x3 convolution of a layer, divided by the growth rate. */
  bottleneckFactor: z.int().positive().default(4),
  epsilon: z.number().positive().default(1e-5),
  /** Share of a new batch in the running statistics. */
  momentum: z.number().min(0).max(1).default(0.1),
});

/** Configuration of a densely connected network. */
export type DensenetConfig = z.infer<typeof densenetConfigSchema>;

/** The networks of Huang et al. 2017 by their names in torchvision, to merge into a configuration. */
export const densenetVariants = {
  densenet121: { growthRate: 32, depths: [6, 12, 24, 16], stemWidth: 64 },
  densenet161: { growthRate: 48, depths: [6, 12, 36, 24], stemWidth: 96 },
  densenet169: { growthRate: 32, depths: [6, 12, 32, 32], stemWidth: 64 },
  densenet201: { growthRate: 32, depths: [6, 12, 48, 32], stemWidth: 64 },
} as const;

/**
 * Densely connected network (Huang et al. 2017; the backbone of CheXNet) as torchvision builds it, with the parameter
 * names of its checkpoints.
 *
 * @param images `[batch, channels, height, width]`
 * @returns the result of each dense block, that of each transition, and the pooled features
 */
export function densenetFeatures(
  images: Value,
  config: DensenetConfig,
  mode: ForwardMode,
): ConvolutionalFeatures & { readonly transitions: readonly Value[] } {
  const normed = (x: Value, name: string) => relu(batchNormLayer(x, `features.${name}`, { ...config, ...mode }));
  const convolve = (x: Value, name: string, channels: number, kernel: number, stride = 1) =>
    convolutionLayer(x, `features.${name}`, channels, { kernel, stride, bias: false });
  const layer = (input: Value, name: string): Value => input.graph.block(name, () => denseLayer(input, name));
  const denseLayer = (x: Value, name: string): Value => {
    const inside = config.bottleneckFactor * config.growthRate;
    const narrow = convolve(normed(x, `${name}.norm1`), `${name}.conv1`, inside, 1);
    return concat([x, convolve(normed(narrow, `${name}.norm2`), `${name}.conv2`, config.growthRate, 3)], 1);
  };
  const stages: Value[] = [];
  const transitions: Value[] = [];
  let x = normed(convolve(images, "conv0", config.stemWidth, 7, 2), "norm0");
  x = maxPool(x, 3, { stride: 2, padding: 1 });
  config.depths.forEach((depth, block) => {
    for (let i = 1; i <= depth; i++) x = layer(x, `denseblock${block + 1}.denselayer${i}`);
    stages.push(x);
    if (block === config.depths.length - 1) return;
    const name = `transition${block + 1}`;
    x = averagePool(convolve(normed(x, `${name}.norm`), `${name}.conv`, Math.floor(x.shape[1]! / 2), 1), 2);
    transitions.push(x);
  });
  return { stages, transitions, pooled: pooledChannels(normed(x, "norm5")) };
}

/**
 * Classification head `classifier.weight` `[classes, features]`, `classifier.bias` on the pooled features
 * `[batch, features]`.
 *
 * @returns logits `[batch, classes]`
 */
export const densenetClassifier = (pooled: Value, classes: number): Value =>
  linearLayer(pooled, "classifier", classes, { initializer: { kind: "kaimingUniform" } });
