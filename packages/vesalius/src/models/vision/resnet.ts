import { z } from "zod";
import { add, globalAveragePool, maxPool, relu, reshape, type Value } from "../../graph/index.ts";
import { convolutionLayer } from "../layers/convolution.ts";
import { batchNormLayer, type ForwardMode } from "../layers/normalization.ts";
import { linearLayer } from "../layers/linear.ts";

/** Configuration of a residual network; ResNet-50 by default. */
export const resnetConfigSchema = z
  .strictObject({
    channels: z.int().positive().default(3),
    /** Two 3x3 convolutions a block, or 1x1, 3x3, 1x1 with four times as many channels at its end. */
    block: z.enum(["basic", "bottleneck"]).default("bottleneck"),
    /** Number of blocks of each stage. */
    depths: z.array(z.int().positive()).min(1).default([3, 4, 6, 3]),
    stemWidth: z.int().positive().default(64),
    /** Channels of each stage before the expansion of a bottleneck. */
    widths: z.array(z.int().positive()).min(1).default([64, 128, 256, 512]),
    /** Groups of the 3x3 convolution of a bottleneck: 32 in ResNeXt. */
    groups: z.int().positive().default(1),
    /** Width of the 3x3 convolution of a bottleneck, for each group and 64 channels: 4 in ResNeXt-50 32x4d. */
    widthPerGroup: z.int().positive().default(64),
    epsilon: z.number().positive().default(1e-5),
    /** Share of a new batch in the running statistics. */
    momentum: z.number().min(0).max(1).default(0.1),
  })
  .refine(({ depths, widths }) => depths.length === widths.length, {
    error: "depths and widths have one entry for each stage",
    path: ["widths"],
  });

/** Configuration of a residual network. */
export type ResnetConfig = z.infer<typeof resnetConfigSchema>;

/** The networks of He et al. 2016 by their names in torchvision, to merge into a configuration. */
export const resnetVariants = {
  resnet18: { block: "basic", depths: [2, 2, 2, 2] },
  resnet34: { block: "basic", depths: [3, 4, 6, 3] },
  resnet50: { block: "bottleneck", depths: [3, 4, 6, 3] },
  resnet101: { block: "bottleneck", depths: [3, 4, 23, 3] },
  resnet152: { block: "bottleneck", depths: [3, 8, 36, 3] },
} as const;

/** Features of a convolutional backbone. */
export interface ConvolutionalFeatures {
  /** Result of each stage, fine to coarse, `[batch, channels, height, width]`. */
  readonly stages: readonly Value[];
  /** Mean over the last feature map, `[batch, channels]`. */
  readonly pooled: Value;
}

/** Mean of a feature map over its spatial axes: `[batch, channels, ...spatial]` to `[batch, channels]`. */
export const pooledChannels = (x: Value): Value => reshape(globalAveragePool(x), x.shape.slice(0, 2));

function residualBlock(x: Value, name: string, width: number, stride: number, config: ResnetConfig, mode: ForwardMode) {
  const norm = (value: Value, part: string) => batchNormLayer(value, `${name}.${part}`, { ...config, ...mode });
  const convolve = (value: Value, part: string, channels: number, kernel: number, by = 1, groups = 1) =>
    convolutionLayer(value, `${name}.${part}`, channels, { kernel, stride: by, groups, bias: false });
  const outside = config.block === "basic" ? width : 4 * width;
  const inside = Math.trunc((width * config.widthPerGroup) / 64) * config.groups;
  const branch = (): Value => {
    if (config.block === "basic") {
      const first = relu(norm(convolve(x, "conv1", width, 3, stride), "bn1"));
      return norm(convolve(first, "conv2", width, 3), "bn2");
    }
    const reduced = relu(norm(convolve(x, "conv1", inside, 1), "bn1"));
    const middle = relu(norm(convolve(reduced, "conv2", inside, 3, stride, config.groups), "bn2"));
    return norm(convolve(middle, "conv3", outside, 1), "bn3");
  };
  const same = stride === 1 && x.shape[1] === outside;
  const shortcut = same ? x : norm(convolve(x, "downsample.0", outside, 1, stride), "downsample.1");
  return relu(add(branch(), shortcut));
}

/**
 * Residual network (He et al. 2016) as torchvision builds it, with the parameter names of its checkpoints: the stride
 * of a bottleneck is on its 3x3 convolution (version 1.5).
 *
 * @param images `[batch, channels, height, width]`
 */
export function resnetFeatures(
  images: Value,
  config: ResnetConfig,
  mode: ForwardMode,
): ConvolutionalFeatures & { readonly stem: Value } {
  const first = convolutionLayer(images, "conv1", config.stemWidth, { kernel: 7, stride: 2, bias: false });
  const stem = maxPool(relu(batchNormLayer(first, "bn1", { ...config, ...mode })), 3, { stride: 2, padding: 1 });
  const stages: Value[] = [];
  let x = stem;
  config.depths.forEach((depth, stage) => {
    for (let i = 0; i < depth; i++) {
      const name = `layer${stage + 1}.${i}`;
      const stride = i === 0 && stage > 0 ? 2 : 1;
      x = x.graph.block(name, () => residualBlock(x, name, config.widths[stage]!, stride, config, mode));
    }
    stages.push(x);
  });
  return { stem, stages, pooled: pooledChannels(x) };
}

/**
 * Classification head `fc.weight` `[classes, features]`, `fc.bias` on the pooled features `[batch, features]`.
 *
 * @returns logits `[batch, classes]`
 */
export const resnetClassifier = (pooled: Value, classes: number): Value =>
  linearLayer(pooled, "fc", classes, { initializer: { kind: "kaimingUniform" } });
