/** A run of `train` against the same arithmetic written out in plain numbers: schedule, clipping, AdamW, decay, average. */
import { beforeAll, describe, expect, test } from "vitest";
import { randomStream } from "../common/random.ts";
import {
  Graph,
  initializeParameters,
  linear,
  meanSquaredError,
  multiply,
  reduceMean,
  type Tensors,
} from "../graph/index.ts";
import { type Backend, nodeCpu } from "../runtime/index.node.ts";
import { adamW, learningRateAt, train } from "./index.node.ts";
import { randomInputs } from "./random-inputs.ts";

const [rows, inputs, outputs] = [4, 3, 2] as const;
const settings = { totalSteps: 12, learningRate: 0.2, clipNorm: 0.5, emaDecay: 0.7, weightDecay: 0.3 };
const schedule = { name: "cosine", warmupFraction: 0.25 } as const;

let backend: Backend;
beforeAll(async () => {
  backend = await nodeCpu();
});

function regression(): Graph {
  const graph = new Graph("regression");
  const weight = graph.parameter("weight", [outputs, inputs], { kind: "kaimingUniform" });
  const bias = graph.parameter("bias", [outputs], { kind: "constant", value: 1 });
  const y = linear(graph.input("x", "float32", [rows, inputs]), weight, bias);
  graph.output("loss", meanSquaredError(y, graph.input("y", "float32", [rows, outputs])));
  return graph;
}

function batchOf(step: number): { x: Float32Array; y: Float32Array } {
  const stream = randomStream(5, "batch", step);
  return {
    x: Float32Array.from({ length: rows * inputs }, () => stream.normal()),
    y: Float32Array.from({ length: rows * outputs }, () => stream.normal()),
  };
}

/** Gradient of the mean squared error of `x w^T + b`, weights first, then biases. */
function gradientOf(step: number, values: readonly number[]): number[] {
  const { x, y } = batchOf(step);
  const gradient = values.map(() => 0);
  for (let row = 0; row < rows; row++)
    for (let out = 0; out < outputs; out++) {
      let residual = values[outputs * inputs + out]! - y[row * outputs + out]!;
      for (let i = 0; i < inputs; i++) residual += x[row * inputs + i]! * values[out * inputs + i]!;
      const slope = (2 * residual) / (rows * outputs);
      for (let i = 0; i < inputs; i++) gradient[out * inputs + i]! += slope * x[row * inputs + i]!;
      gradient[outputs * inputs + out]! += slope;
    }
  return gradient;
}

/** The run in double precision: Loshchilov and Hutter's algorithm 2, weight decay on the matrix alone. */
function written(start: readonly number[]): { values: number[]; average: number[] } {
  let values = [...start];
  let average = [...start];
  const [first, second] = [start.map(() => 0), start.map(() => 0)];
  for (let step = 0; step < settings.totalSteps; step++) {
    const raw = gradientOf(step, values);
    const factor = Math.min(1, settings.clipNorm / Math.hypot(...raw));
    const rate = learningRateAt(schedule, step + 1, settings.totalSteps + 1, settings.learningRate);
    values = values.map((value, i) => {
      const gradient = raw[i]! * factor;
      first[i] = 0.9 * first[i]! + 0.1 * gradient;
      second[i] = 0.999 * second[i]! + 0.001 * gradient ** 2;
      const direction = first[i] / (1 - 0.9 ** (step + 1)) / (Math.sqrt(second[i] / (1 - 0.999 ** (step + 1))) + 1e-8);
      const decay = i < outputs * inputs ? settings.weightDecay : 0;
      return value * (1 - rate * decay) - rate * direction;
    });
    const decay = Math.min(settings.emaDecay, (1 + step) / (10 + step));
    average = average.map((value, i) => decay * value + (1 - decay) * values[i]!);
  }
  return { values, average };
}

const flat = (weights: Tensors): number[] =>
  ["weight", "bias"].flatMap((name) => [...(weights.get(name)!.data as Float32Array)]);

async function run(emaDecay: number | undefined): Promise<number[]> {
  const graph = regression();
  const { weights } = await train(graph, initializeParameters(graph, 2), {
    backend,
    optimizer: adamW({ weightDecay: settings.weightDecay }),
    totalSteps: settings.totalSteps,
    learningRate: settings.learningRate,
    schedule,
    clipNorm: settings.clipNorm,
    ...(emaDecay === undefined ? {} : { emaDecay }),
    seed: 0,
    batchSize: rows,
    batch: (step) => {
      const { x, y } = batchOf(step);
      return Promise.resolve(
        new Map([
          ["x", { dtype: "float32" as const, shape: [rows, inputs], data: x }],
          ["y", { dtype: "float32" as const, shape: [rows, outputs], data: y }],
        ]),
      );
    },
  });
  return flat(weights);
}

describe("train", () => {
  const start = flat(initializeParameters(regression(), 2));
  const { values, average } = written(start);
  const expectNear = (found: readonly number[], expected: readonly number[]): void =>
    found.forEach((value, i) => expect(value, `element ${i}`).toBeCloseTo(expected[i]!, 4));

  test("moves every weight as the algorithm says", async () => {
    // Far enough from the start and from each other that no part of the arithmetic could be left out.
    values.forEach((value, i) => expect(Math.abs(value - start[i]!), `element ${i}`).toBeGreaterThan(1e-3));
    expectNear(await run(undefined), values);
  });

  test("gives the moving average of the weights where it is kept", async () => {
    average.forEach((value, i) => expect(Math.abs(value - values[i]!), `element ${i}`).toBeGreaterThan(1e-4));
    expectNear(await run(settings.emaDecay), average);
  });
});

test("random inputs are drawn anew at every step, from the seed", async () => {
  const graph = new Graph("noise");
  const noise = graph.input("noise", "float32", [8], { kind: "normal" });
  const loss = reduceMean(multiply(noise, graph.parameter("scale", [1], { kind: "ones" })), [0], {
    keepDimensions: false,
  });
  graph.output("loss", loss);
  const { history } = await train(graph, initializeParameters(graph, 0), {
    backend,
    optimizer: adamW(),
    policy: () => ({ learningRateScale: 0 }),
    totalSteps: 5,
    learningRate: 0.1,
    recordEvery: 1,
    seed: 7,
    batchSize: 1,
    batch: () => Promise.resolve(new Map()),
  });
  history.forEach(({ loss: found }, step) => {
    const drawn = randomInputs(graph, 7, step).get("noise")!.data as Float32Array;
    expect(found).toBeCloseTo(drawn.reduce((sum, value) => sum + value, 0) / drawn.length, 5);
  });
  expect(new Set(history.map(({ loss: found }) => found)).size).toBe(5);
});
