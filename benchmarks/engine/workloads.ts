import { applyLora, loraSchema } from "vesalius/adaptation";
import {
  classChannels,
  convolution,
  crossEntropy,
  diceLoss,
  Graph,
  meanSquaredError,
  relu,
  type Value,
} from "vesalius/graph";
import { basicUnet, basicUnetConfigSchema, classificationHead, vit } from "vesalius/models";
import { adam, adamW, decayMatrices } from "vesalius/training";
import type { Workload } from "../measuring/step.ts";
import { workloads as trainingWorkloads } from "../training/workloads.ts";
import type { EngineWorkload } from "./messages.ts";
import { adamSettings, convolutionShapes, encoderShapes, mlpRatio } from "./shapes.ts";

/** Which sizes: those that are reported, or small ones that only try the program. */
export type Size = "full" | "quick";

const peerOptimizer = () =>
  adam({ betas: [adamSettings.beta1, adamSettings.beta2], epsilon: adamSettings.epsilon, weightDecay: 0 });

/** The encoder that the other libraries train too. */
function encoder(size: Size): Workload {
  const { batchSize, imageSize, patchSize, width, depth, heads, classes } = encoderShapes[size];
  const settings = { imageSize, patchSize, channels: 1, width, depth, heads, mlpRatio };
  const { network } = vit({ ...settings, classToken: false, pooling: "mean" });
  const graph = new Graph("encoder");
  const pixels = graph.input("images", "float32", [batchSize, 1, imageSize, imageSize]);
  const { pooled } = network.features({ image: { pixels } }, { training: true });
  const logits = classificationHead(pooled, classes);
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", [batchSize])));
  return { label: "encoder", graph, options: { optimizer: peerOptimizer() }, batchSize, bounds: { labels: classes } };
}

/** The convolutions that the other libraries train too. */
function convolutions(size: Size): Workload {
  const { batchSize, channels, imageSize } = convolutionShapes[size];
  const graph = new Graph("convolutions");
  const shape = [batchSize, channels, imageSize, imageSize];
  const weight = (name: string): Value => graph.parameter(name, [channels, channels, 3, 3], { kind: "kaimingUniform" });
  const hidden = relu(convolution(graph.input("images", "float32", shape), weight("first"), undefined, { padding: 1 }));
  const result = convolution(hidden, weight("second"), undefined, { padding: 1 });
  graph.output("loss", meanSquaredError(result, graph.input("targets", "float32", shape)));
  return { label: "2D convolutions", graph, options: { optimizer: peerOptimizer() }, batchSize, bounds: {} };
}

/** MONAI's BasicUNet with its default widths, trained by Dice. */
function unet(label: string, batchSize: number, spatial: readonly number[]): Workload {
  const config = basicUnetConfigSchema.parse({});
  const graph = new Graph(label);
  const images = graph.input("images", "float32", [batchSize, config.channels, ...spatial]);
  const { logits } = basicUnet(images, config);
  const labels = graph.input("labels", "int32", [batchSize, 1, ...spatial]);
  graph.output("loss", diceLoss(logits, classChannels(labels, config.classes), { activation: "softmax" }));
  const bounds = { labels: config.classes };
  return { label, graph, options: { optimizer: adamW(), clipNorm: 1 }, batchSize, bounds };
}

const unet2d = (size: Size): Workload => unet("2D U-Net", 4, size === "full" ? [128, 128] : [16, 16]);
const unet3d = (size: Size): Workload => unet("3D U-Net", 1, size === "full" ? [48, 48, 48] : [16, 16, 16]);

/** The same step with everything frozen but factors of rank 8 beside the projections that the patterns name. */
function withLora(base: Workload, targets: readonly string[]): Workload {
  const { graph, parameters } = applyLora(base.graph, loraSchema.parse({ rank: 8, targets }));
  const trained = new Set(parameters);
  const policy = ({ name }: Value) => (trained.has(name) || /^(head|cls)\./.test(name) ? {} : undefined);
  return { ...base, label: `${base.label}, LoRA`, graph, options: { ...base.options, policy } };
}

/** The training steps that are measured, by name. */
export const engineWorkloads = {
  bert: () => trainingWorkloads.bert(),
  bertLora: async () => withLora(await trainingWorkloads.bert(), ["query", "key", "value", "dense"]),
  vit: () => trainingWorkloads.fineTuning(),
  vitLora: async () => withLora(await trainingWorkloads.fineTuning(), ["qkv", "proj", "fc1", "fc2"]),
  unet2d,
  unet2dLora: (size) => withLora(unet2d(size), ["conv"]),
  unet3d,
  unet3dLora: (size) => withLora(unet3d(size), ["conv"]),
  encoder,
  convolutions,
} as const satisfies Record<EngineWorkload, (size: Size) => Workload | Promise<Workload>>;

/** The policy that a workload trains by. */
export const policyOf = ({ options }: Workload) => options.policy ?? decayMatrices();
