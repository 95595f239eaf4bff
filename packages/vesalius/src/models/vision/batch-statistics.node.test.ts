import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import {
  cloneTensor,
  crossEntropy,
  elementCount,
  fromOnnx,
  Graph,
  initializeParameters,
  type Tensor,
  type Tensors,
  toOnnx,
  type Value,
} from "../../graph/index.ts";
import { nodeCpu } from "../../runtime/index.node.ts";
import { runGraph } from "../../testing/reference.node.ts";
import { adamW, checkpointFile, train, type TrainOptions } from "../../training/index.node.ts";
import { densenetClassifier, densenetConfigSchema, densenetFeatures } from "./densenet.ts";
import type { ForwardMode } from "../layers/normalization.ts";
import { resnetClassifier, resnetConfigSchema, resnetFeatures } from "./resnet.ts";

const [batchSize, side, classes] = [4, 16, 2];
const momentum = 0.1;

const resnet = resnetConfigSchema.parse({ block: "basic", depths: [1], stemWidth: 4, widths: [4], channels: 1 });
const densenet = densenetConfigSchema.parse({ depths: [1, 1], stemWidth: 4, growthRate: 4, channels: 1 });

const networks = {
  ResNet: (images: Value, mode: ForwardMode) => resnetClassifier(resnetFeatures(images, resnet, mode).pooled, classes),
  DenseNet: (images: Value, mode: ForwardMode) =>
    densenetClassifier(densenetFeatures(images, densenet, mode).pooled, classes),
} as const;

function network(name: keyof typeof networks, mode: ForwardMode): Graph {
  const graph = new Graph(name);
  const images = graph.input("images", "float32", [batchSize, 1, side, side]);
  const logits = graph.output("logits", networks[name](images, mode));
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", [batchSize])));
  return graph;
}

function batchOf(step: number): Tensors {
  const stream = randomStream(5, "images", step);
  const data = Float32Array.from({ length: batchSize * side * side }, () => stream.normal() + step / 3);
  return new Map<string, Tensor>([
    ["images", { dtype: "float32", shape: [batchSize, 1, side, side], data }],
    ["labels", { dtype: "int32", shape: [batchSize], data: Int32Array.from({ length: batchSize }, (_, i) => i % 2) }],
  ]);
}

const options = async (overrides: Partial<TrainOptions> = {}): Promise<TrainOptions> => ({
  backend: await nodeCpu(),
  optimizer: adamW(),
  totalSteps: 4,
  learningRate: 0.02,
  seed: 1,
  batchSize,
  batch: (step) => Promise.resolve(batchOf(step)),
  ...overrides,
});

const start = (graph: Graph): Tensors => initializeParameters(graph, 7);
const numbers = (weights: Tensors, name: string): number[] => [...(weights.get(name)!.data as Float32Array)];
const statisticNames = (weights: Tensors): string[] => [...weights.keys()].filter((name) => /running_/.test(name));

/** Mean and unbiased variance of each channel, in double precision. */
function channelStatistics({ shape, data }: Tensor): { mean: number[]; variance: number[] } {
  const [batch, channels] = shape as [number, number];
  const spatial = elementCount(shape) / batch / channels;
  const values = Array.from({ length: channels }, (): number[] => []);
  (data as Float32Array).forEach((value, i) => values[Math.floor(i / spatial) % channels]!.push(value));
  const mean = values.map((each) => each.reduce((sum, value) => sum + value, 0) / each.length);
  const variance = values.map(
    (each, i) => each.reduce((sum, value) => sum + (value - mean[i]!) ** 2, 0) / (each.length - 1),
  );
  return { mean, variance };
}

/** What one batch makes of the running statistics of every layer, from the layer's own input. */
async function updatedStatistics(
  name: keyof typeof networks,
  weights: Tensors,
  running: ReadonlyMap<string, readonly number[]>,
  batch: Tensors,
): Promise<Map<string, readonly number[]>> {
  const graph = network(name, { training: true });
  const layers = graph.nodes.filter(({ type }) => type === "BatchNormalization");
  const layerOf = (node: (typeof layers)[number]): string => node.inputs[1]!.name.replace(/\.weight$/, "");
  for (const node of layers) graph.output(`input of ${layerOf(node)}`, node.inputs[0]!);
  const results = await runGraph(graph, new Map([...weights, ...batch]));
  const next = new Map<string, readonly number[]>();
  for (const node of layers) {
    const layer = layerOf(node);
    const { mean, variance } = channelStatistics(results.get(`input of ${layer}`)!);
    const average = (buffer: string, now: readonly number[]): void => {
      const before = running.get(`${layer}.${buffer}`)!;
      next.set(
        `${layer}.${buffer}`,
        now.map((value, i) => (1 - momentum) * before[i]! + momentum * value),
      );
    };
    average("running_mean", mean);
    average("running_var", variance);
  }
  return next;
}

describe.each(["ResNet", "DenseNet"] as const)("running statistics of a %s", (name) => {
  test.each([1, 2])("are the averages of what its layers saw, with %s micro-batches a step", async (accumulation) => {
    const graph = network(name, { training: true });
    const weights = start(graph);
    const history: Tensors[] = [new Map([...weights].map(([key, tensor]) => [key, cloneTensor(tensor)]))];
    const score = (current: Tensors): Promise<number> => {
      history.push(new Map([...current].map(([key, tensor]) => [key, cloneTensor(tensor)])));
      return Promise.resolve(0);
    };
    const evaluation = { everySteps: 1, score, better: "higher" } as const;
    const { weights: trained } = await train(graph, weights, await options({ accumulation, evaluation }));
    const names = statisticNames(weights);
    let running = new Map<string, readonly number[]>(names.map((key) => [key, numbers(weights, key)]));
    for (let micro = 0; micro < 4 * accumulation; micro++)
      running = await updatedStatistics(name, history[Math.floor(micro / accumulation)]!, running, batchOf(micro));
    expect([...running.keys()].sort()).toEqual(names.toSorted());
    for (const [key, expected] of running)
      numbers(trained, key).forEach((value, i) => expect(value, `${key}[${i}]`).toBeCloseTo(expected[i]!, 4));
    expect(numbers(trained, names[0]!)).not.toEqual(numbers(weights, names[0]!));
    const logits = async (used: Tensors) =>
      numbers(await runGraph(network(name, { training: false }), new Map([...used, ...batchOf(0)])), "logits");
    const stale = new Map([...trained, ...names.map((key) => [key, weights.get(key)!] as const)]);
    expect(await logits(trained)).not.toEqual(await logits(stale));
  });
});

test("a resumed run has the same statistics to the last byte", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vesalius-statistics-"));
  try {
    const graph = network("ResNet", { training: true });
    const { weights: whole } = await train(graph, start(graph), await options());
    const checkpoints = checkpointFile(join(folder, "run.safetensors"));
    const controller = new AbortController();
    const onProgress = ({ step }: { step: number }): void => void (step === 2 && controller.abort());
    const stopped = train(graph, start(graph), await options({ checkpoints, onProgress, signal: controller.signal }));
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
    const { weights: resumed } = await train(graph, start(graph), await options({ checkpoints }));
    for (const key of whole.keys()) expect(numbers(resumed, key), key).toEqual(numbers(whole, key));
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("a frozen network with batch normalization", () => {
  const policy = ({ name }: Value) => (name.startsWith("fc.") ? {} : undefined);

  test("keeps its statistics and normalises by them", async () => {
    const graph = network("ResNet", { training: true });
    const weights = start(graph);
    const { weights: trained, history } = await train(graph, weights, await options({ policy, totalSteps: 1 }));
    for (const key of statisticNames(weights)) expect(numbers(trained, key)).toEqual(numbers(weights, key));
    const evaluated = await runGraph(network("ResNet", { training: false }), new Map([...weights, ...batchOf(0)]));
    expect(history[0]!.loss).toBeCloseTo(numbers(evaluated, "loss")[0]!, 5);
  });

  test("updates them where it is asked to", async () => {
    const graph = network("ResNet", { training: true });
    const weights = start(graph);
    const asked = await options({ policy, updateFrozenStatistics: true });
    const { weights: trained } = await train(graph, weights, asked);
    expect(numbers(trained, "bn1.running_mean")).not.toEqual(numbers(weights, "bn1.running_mean"));
    expect(numbers(trained, "bn1.weight")).toEqual(numbers(weights, "bn1.weight"));
  });
});

test("no policy trains a buffer: statistics in use, also those of an imported model", async () => {
  const graph = network("ResNet", { training: false });
  const weights = start(graph);
  const imported = await fromOnnx(toOnnx(graph, { weights }));
  expect(imported.buffers).toContain("bn1.running_mean");
  for (const [forward, from] of [[graph, weights] as const, [imported.graph, imported.weights] as const]) {
    const everything = await options({ policy: () => ({}), totalSteps: 2 });
    const { weights: trained } = await train(forward, from, everything);
    for (const key of statisticNames(from)) expect(numbers(trained, key)).toEqual(numbers(from, key));
    expect(numbers(trained, "bn1.weight")).not.toEqual(numbers(from, "bn1.weight"));
  }
});
