import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { randomStream } from "../../../common/random.ts";
import { nodeCpu } from "../../../runtime/node-cpu.node.ts";
import { concat, layerNorm, split } from "../../functions/index.ts";
import { Graph } from "../../graph.ts";
import { listAttribute } from "../../operators/definition.ts";
import { float32 } from "../../../common/tensor.ts";
import { operatorEntries } from "../../testing/cases/index.test.cases.ts";
import { buildCase, type Engine, feedsOf, type GraphCase } from "../../testing/finite-difference.ts";
import { numbersOf, runGraph } from "../../testing/run.ts";
import type { Attributes, Node, Value } from "../../value.ts";
import { lowerForWebGpu } from "./lower-for-web-gpu.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

/** Operators that the rules replace whatever their form. */
const always = "LayerNormalization LogSoftmax Mean MeanVarianceNormalization OneHot Celu Selu Softsign Sum".split(" ");
const sometimes =
  "And AveragePool BatchNormalization Concat Conv ConvTranspose Einsum MaxPool Pow ReduceL1 ReduceLogSum ReduceSumSquare Sign Slice Split";
const entries = operatorEntries.filter(({ operator }) => [...always, ...sometimes.split(" ")].includes(operator));

/** Padding in numbers that is behind the input only. */
function isPaddedBehind(attributes: Attributes): boolean {
  const pads = listAttribute(attributes, "pads") ?? [];
  const [before, after] = [pads.slice(0, pads.length / 2), pads.slice(pads.length / 2)];
  return before.every((count) => count === 0) && after.some((count) => count > 0);
}

/** Whether a kernel is as large as its input or a single element. */
const isWhole = (x: Value, { shape }: Value): boolean =>
  shape.slice(2).every((extent, i) => extent === x.shape[i + 2]) || shape.slice(2).every((extent) => extent === 1);

/** Forms for which WebGPU has no kernel, or a wrong one. */
function isUnsupported({ type, inputs, attributes, outputs }: Node): boolean {
  const volume = inputs[0]?.rank === 5;
  const groups = attributes["group"]?.value ?? 1;
  switch (type) {
    case "BatchNormalization":
      return attributes["training_mode"]?.value === 1;
    case "Conv":
      return volume ? groups !== 1 : isPaddedBehind(attributes) && isWhole(inputs[0]!, inputs[1]!);
    case "ConvTranspose":
      return volume || (groups !== 1 && inputs[1]!.shape[1] === 1 && inputs[0]!.shape[1] !== groups);
    case "And":
    case "Pow":
      return inputs.some((x) => x!.rank > 1 && x!.shape.join() !== outputs[0]!.shape.join());
    case "MaxPool":
      return outputs.length > 1 && outputs[0]!.dtype === "float32";
    default:
      return always.includes(type);
  }
}

/** Runs a case with its gradient as it is and lowered, and compares every output. */
async function checkLowering(graphCase: GraphCase, seed: number, differentiate: boolean): Promise<void> {
  const built = buildCase({ ...graphCase, precision: "float32" }, randomStream(seed, "lowering"), differentiate);
  const lowered = lowerForWebGpu(built.graph);
  expect(lowered.nodes.filter(isUnsupported).map(({ name }) => name)).toEqual([]);
  const feeds = Object.fromEntries(feedsOf(built));
  const [expected, found] = [await runGraph(engine, built.graph, feeds), await runGraph(engine, lowered, feeds)];
  expect([...found.keys()]).toEqual([...expected.keys()]);
  for (const [name, tensor] of expected) {
    expect({ dtype: found.get(name)!.dtype, shape: found.get(name)!.shape }).toEqual({
      dtype: tensor.dtype,
      shape: tensor.shape,
    });
    const [a, b] = [numbersOf(found, name), numbersOf(expected, name)];
    for (let i = 0; i < b.length; i++) expect(Math.abs(a[i]! - b[i]!), name).toBeLessThan(1e-3 * (1 + Math.abs(b[i]!)));
  }
}

describe.each(entries)("$operator", ({ cases, differentiable }) => {
  test("computes the same when it is written out, and its gradient too", async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), (graphCase, seed) => checkLowering(graphCase, seed, differentiable)),
      { numRuns: 30, seed: 20260101 },
    );
  });
});

test("a layer normalization keeps its digits where the mean is large", async () => {
  const width = 16;
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, width]);
  const ones = graph.filled([width], 1);
  graph.output("y", layerNorm(x, ones, undefined, 1e-6));
  // Whole numbers, which float32 holds exactly: any difference is the kernel's.
  const values = Array.from({ length: width }, (_, i) => 10_000 + ((i * 5) % width));
  const mean = values.reduce((total, value) => total + value, 0) / width;
  const deviation = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / width + 1e-6);
  const found = numbersOf(await runGraph(engine, lowerForWebGpu(graph), { x: float32([1, width], values) }), "y");
  found.forEach((value, i) => expect(value).toBeCloseTo((values[i]! - mean) / deviation, 4));
});

test("a join and a cut of many tensors bind few buffers at a time", async () => {
  const graph = new Graph();
  const parts = Array.from({ length: 60 }, (_, i) => graph.input(`x${i}`, "float32", [1 + (i % 2), 2]));
  const joined = graph.output("joined", concat(parts, 0));
  split(
    joined,
    parts.map(({ shape }) => shape[0]!),
    0,
  ).forEach((part, i) => graph.output(`y${i}`, part));
  const lowered = lowerForWebGpu(graph);
  for (const { inputs, outputs } of lowered.nodes) expect(Math.max(inputs.length, outputs.length)).toBeLessThan(8);
  const feeds = Object.fromEntries(
    parts.map(({ name, shape }, i) => [
      name,
      float32(
        shape,
        Array.from({ length: 2 * shape[0]! }, (_, k) => i + k / 8),
      ),
    ]),
  );
  expect(await runGraph(engine, lowered, feeds)).toEqual(await runGraph(engine, graph, feeds));
});

test("younger operators are written out in older ones first", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 4, 2]);
  const one = graph.filled([4], 1);
  graph.output(
    "y",
    graph.node("GroupNormalization", [x, one, one], { attributes: { num_groups: { kind: "int", value: 2 } } })[0]!,
  );
  expect(lowerForWebGpu(graph).nodes.map(({ type }) => type)).not.toContain("GroupNormalization");
});
