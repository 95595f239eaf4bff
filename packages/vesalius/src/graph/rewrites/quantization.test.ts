import { beforeAll, describe, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import type { Backend } from "../../runtime/index.ts";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { gradients } from "../autodiff.ts";
import { add, gather, gemm, linear, matMul, multiply, reduceSum, relu, reshape } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { initializeParameters } from "../initialize.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import { float32, type Tensors } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { dequantizeWeights, type QuantizationOptions, quantizeTensors, quantizeWeights } from "./quantization.ts";
import { quantizationFormats } from "./quantization-weights.ts";
import { rewrite } from "./rewrite.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await nodeCpu();
});

const normal = { kind: "normal", standardDeviation: 0.3 } as const;

/** Every form in which a weight is used, and two factors that are trained beside the first; the loss is not linear. */
function network(): Graph {
  const graph = new Graph("network");
  const parameter = (name: string, shape: readonly number[]): Value => graph.parameter(name, shape, normal);
  const x = graph.input("x", "float32", [2, 3, 32]);
  const base = linear(x, parameter("first.weight", [24, 32]), parameter("first.bias", [24]));
  const update = matMul(matMul(x, parameter("down", [32, 2])), parameter("up", [2, 24]));
  const second = matMul(relu(add(base, update)), parameter("second", [24, 16]));
  const third = relu(linear(second, parameter("third.weight", [20, 16])));
  const flat = gemm(reshape(third, [6, 20]), parameter("fourth", [20, 16]), parameter("fourth.bias", [6, 1]));
  graph.output("y", flat);
  graph.output("loss", reduceSum(multiply(flat, flat), undefined, { keepDimensions: false }));
  return graph;
}

const isTrained = ({ name }: Value): boolean => name === "down" || name === "up";
const every = { minimumElements: 1, blockSize: 16, trained: isTrained } as const;
const everyWeight = ["first.weight", "second", "third.weight", "fourth"];

/** Outputs and the gradients by the trained factors; the weights stand in the model. */
async function run(graph: Graph, weights: Tensors): Promise<Tensors> {
  const { graph: copy } = rewrite(graph);
  const trained = [...copy.parameters.values()].filter(isTrained);
  for (const [value, gradient] of gradients(copy.result("loss"), trained)) copy.output(`by ${value.name}`, gradient);
  const stream = randomStream(3, "x");
  const x = float32(
    [2, 3, 32],
    Float32Array.from({ length: 192 }, () => stream.normal()),
  );
  return runGraph(backend, copy, { x }, { weights });
}

function expectClose(actual: Tensors, expected: Tensors, tolerance: number): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const name of expected.keys()) {
    const wanted = numbersOf(expected, name);
    const largest = Math.max(...wanted.map(Math.abs));
    numbersOf(actual, name).forEach((value, i) =>
      expect(Math.abs(value - wanted[i]!), `${name}[${i}]`).toBeLessThanOrEqual(tolerance * largest),
    );
  }
}

/** The stored tensors of a quantised network, and the float ones that they stand for. */
async function quantized(options: QuantizationOptions) {
  const graph = network();
  const weights = initializeParameters(graph, 7);
  const result = quantizeWeights(graph, options);
  const stored = await quantizeTensors(result.weights, (name) => weights.get(name)!);
  const kept = [...weights].filter(([name]) => result.graph.parameters.has(name));
  const all: Tensors = new Map([...kept, ...stored]);
  return { graph, result, all, restored: dequantizeWeights(all, result.weights) };
}

const cases = quantizationFormats.flatMap((format) =>
  (["training", "inference"] as const).flatMap((use) =>
    (format === "nf4" ? [true] : [true, false]).map((symmetric) => ({ format, use, symmetric })),
  ),
);

describe("a quantised graph computes what its dequantised weights do", () => {
  // Float32 sums in another order: measured below 1e-6 of the largest element.
  test.each(cases)("outputs and gradients: $format, $use, symmetric $symmetric", async (options) => {
    const { graph, result, all, restored } = await quantized({ ...options, ...every });
    const expected = options.format === "nf4" ? ["first.weight", "third.weight"] : everyWeight;
    expect(result.weights.map(({ name }) => name)).toEqual(expected);
    expectClose(await run(result.graph, all), await run(graph, restored), 1e-5);
  });

  test("also when its weights are fed, which spares a copy", async () => {
    const { graph, result, all, restored } = await quantized({ format: "nf4", ...every });
    const { graph: copy } = rewrite(result.graph);
    const x = float32([2, 3, 32], new Float32Array(192).fill(0.25));
    const fed = await runGraph(backend, copy, { x, ...Object.fromEntries(all) });
    expectClose(fed, await runGraph(backend, graph, { x, ...Object.fromEntries(restored) }), 1e-5);
  });
});

test("a plain quantised graph is written in ONNX's own operators", () => {
  for (const format of quantizationFormats) {
    const { graph } = quantizeWeights(network(), { format, ...every, use: "inference" });
    expect(graph.nodes.every(({ domain }) => domain === "")).toBe(true);
    expect(graph.nodes.some(({ type }) => type === "DequantizeLinear")).toBe(true);
  }
});

test("small weights stay as they are by default", () => {
  expect(() => quantizeWeights(network(), { format: "int8" })).toThrow(/no weight of the graph is quantised/);
});

describe("refusals", () => {
  const refused = (where: string) => expect.objectContaining({ code: "bad-configuration", where });
  const only = (name: string) => (candidate: string) => candidate === name;

  test("a trained weight that is asked for", () => {
    expect(() => quantizeWeights(network(), { format: "int4", ...every, weights: only("up") })).toThrow(refused("up"));
  });

  test("a table that is also read row by row", () => {
    const graph = network();
    const table = graph.parameter("first.weight", [24, 32], normal);
    graph.output("rows", gather(table, graph.input("tokens", "int32", [2])));
    expect(quantizeWeights(graph, { format: "int8", ...every }).weights.map(({ name }) => name)).toEqual(
      everyWeight.slice(1),
    );
    expect(() => quantizeWeights(graph, { format: "int8", ...every, weights: only("first.weight") })).toThrow(
      refused("first.weight"),
    );
  });

  test("NF4 blocks that would go over the end of a row", () => {
    expect(() => quantizeWeights(network(), { format: "nf4", ...every, weights: only("second") })).toThrow(
      refused("second"),
    );
  });

  test("an unknown format and an impossible block size", () => {
    const code = expect.objectContaining({ code: "bad-configuration" });
    expect(() => quantizeWeights(network(), { ...every, format: "int2" as "int4" })).toThrow(code);
    expect(() => quantizeWeights(network(), { ...every, format: "int4", blockSize: 48 as 32 })).toThrow(code);
  });

  test("a base with a number that is none", async () => {
    const { weights } = quantizeWeights(network(), { format: "nf4", ...every });
    const bad = ({ shape }: { shape: readonly number[] }) =>
      float32(shape, new Float32Array(shape[0]! * shape[1]!).fill(NaN));
    await expect(quantizeTensors(weights, (name) => bad(weights.find((w) => w.name === name)!))).rejects.toMatchObject({
      code: "not-a-number",
      where: "first.weight",
    });
  });
});
