import { beforeAll, describe, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { Graph } from "../graph.ts";
import { elementCount, float32, type Tensor } from "../../common/tensor.ts";
import type { Engine } from "../testing/finite-difference.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import { batchNorm, groupNorm, instanceNorm, rmsNorm } from "./channel-normalization.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

const shape = [2, 4, 3] as const;
const [batch, channels, length] = shape;
const random = (of: readonly number[], label: string): Tensor => {
  const stream = randomStream(3, label);
  return float32(
    of,
    Array.from({ length: elementCount(of) }, () => 3 * stream.normal() + 1),
  );
};
const x = random(shape, "x");
const scale = random([channels], "scale");
const bias = random([channels], "bias");
const element = (n: number, c: number, i: number): number => (x.data as Float32Array)[(n * channels + c) * length + i]!;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2));

/** What a normalization gives where `peers` lists the elements that share the statistics of one. */
function normalised(peers: (n: number, c: number) => number[], epsilon: number): number[] {
  const at = (tensor: Tensor, c: number): number => (tensor.data as Float32Array)[c]!;
  return Array.from({ length: batch * channels * length }, (_, flat) => {
    const [n, c, i] = [Math.floor(flat / (channels * length)), Math.floor(flat / length) % channels, flat % length];
    const group = peers(n, c);
    return ((element(n, c, i) - mean(group)) / Math.sqrt(variance(group) + epsilon)) * at(scale, c) + at(bias, c);
  });
}

const row = (n: number, c: number): number[] => Array.from({ length }, (_, i) => element(n, c, i));
const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
};

describe("batch normalization", () => {
  const running = {
    runningMean: float32([channels], [1, 2, 3, 4]),
    runningVariance: float32([channels], [1, 4, 9, 16]),
  };

  async function run(training: boolean) {
    const graph = new Graph();
    const input = (name: string): ReturnType<Graph["input"]> => graph.input(name, "float32", [channels]);
    const state = {
      scale: input("scale"),
      bias: input("bias"),
      runningMean: input("mean"),
      runningVariance: input("variance"),
    };
    const result = batchNorm(graph.input("x", "float32", shape), state, { training, momentum: 0.2, epsilon: 0.01 });
    graph.output("y", result.y);
    graph.output("nextMean", result.runningMean);
    graph.output("nextVariance", result.runningVariance);
    return runGraph(engine, graph, { x, scale, bias, mean: running.runningMean, variance: running.runningVariance });
  }

  const channel = (c: number): number[] => [...row(0, c), ...row(1, c)];

  test("in training uses the batch and moves the running statistics as PyTorch does", async () => {
    const results = await run(true);
    close(
      numbersOf(results, "y"),
      normalised((_n, c) => channel(c), 0.01),
    );
    const count = batch * length;
    close(
      numbersOf(results, "nextMean"),
      [0, 1, 2, 3].map((c) => 0.8 * (c + 1) + 0.2 * mean(channel(c))),
    );
    // The running variance is the unbiased one.
    close(
      numbersOf(results, "nextVariance"),
      [0, 1, 2, 3].map((c) => 0.8 * (c + 1) ** 2 + 0.2 * variance(channel(c)) * (count / (count - 1))),
    );
  });

  test("otherwise uses the running statistics and leaves them", async () => {
    const results = await run(false);
    expect(numbersOf(results, "nextMean")).toEqual([1, 2, 3, 4]);
    const [a, b] = [scale.data as Float32Array, bias.data as Float32Array];
    close(
      numbersOf(results, "y").slice(0, length),
      row(0, 0).map((value) => ((value - 1) / Math.sqrt(1.01)) * a[0]! + b[0]!),
    );
  });
});

test("instance normalization takes each channel of each sample by itself", async () => {
  const graph = new Graph();
  const y = instanceNorm(
    graph.input("x", "float32", shape),
    graph.input("s", "float32", [channels]),
    graph.input("b", "float32", [channels]),
    0.01,
  );
  graph.output("y", y);
  close(numbersOf(await runGraph(engine, graph, { x, s: scale, b: bias }), "y"), normalised(row, 0.01));
});

test("group normalization takes groups of neighbouring channels", async () => {
  const graph = new Graph();
  const y = groupNorm(
    graph.input("x", "float32", shape),
    2,
    graph.input("s", "float32", [channels]),
    graph.input("b", "float32", [channels]),
    0.01,
  );
  graph.output("y", y);
  const group = (n: number, c: number): number[] => [...row(n, c - (c % 2)), ...row(n, c - (c % 2) + 1)];
  close(numbersOf(await runGraph(engine, graph, { x, s: scale, b: bias }), "y"), normalised(group, 0.01));
  expect(() => groupNorm(graph.inputs.get("x")!, 3, graph.inputs.get("s")!, graph.inputs.get("b")!)).toThrow(
    /4 channels do not divide into 3 groups/,
  );
});

test("root-mean-square normalization divides the last axis by its root mean square", async () => {
  const graph = new Graph();
  const weight = float32([length], [1, 2, 3]);
  graph.output("y", rmsNorm(graph.input("x", "float32", shape), graph.input("s", "float32", [length]), 0.01));
  const root = Math.sqrt(mean(row(0, 0).map((value) => value * value)) + 0.01);
  close(
    numbersOf(await runGraph(engine, graph, { x, s: weight }), "y").slice(0, length),
    row(0, 0).map((value, i) => (value / root) * (i + 1)),
  );
});

test("a parameter without an entry for each channel is refused", () => {
  const graph = new Graph();
  const wrong = graph.input("s", "float32", [3]);
  expect(() => instanceNorm(graph.input("x", "float32", shape), wrong, wrong)).toThrow(
    /input 1 has shape \[3\], expected \[4\]/,
  );
});
