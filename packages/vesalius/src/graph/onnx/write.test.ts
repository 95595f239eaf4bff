import { fromBinary } from "@bufbuild/protobuf";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { float } from "../attributes.ts";
import { emit, emitMany } from "../emit.ts";
import { add, exp, full, gelu, layerNorm, linear, multiply, relu, rmsNorm, split } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { float32, type Tensor } from "../../common/tensor.ts";
import type { Engine } from "../testing/finite-difference.ts";
import { numbersOf, runGraph, runModel } from "../testing/run.ts";
import { ModelProtoSchema } from "./generated/onnx_pb.ts";
import { toOnnx } from "./write.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

const decode = (model: Uint8Array) => fromBinary(ModelProtoSchema, model);
const nodesOf = (graph: Graph, opset?: number) =>
  decode(toOnnx(graph, opset === undefined ? {} : { opset })).graph!.node.map(({ opType, input, output }) => ({
    opType,
    input,
    output,
  }));

function regression(): Graph {
  const graph = new Graph("regression");
  const x = graph.input("x", "float32", [2, 3]);
  const weight = graph.parameter("weight", [1, 3], { kind: "ones" });
  graph.output("y", linear(x, weight, graph.parameter("bias", [1], { kind: "zeros" })));
  return graph;
}

const x = float32([2, 3], [1, 2, 3, 4, 5, 6]);
const weight = float32([1, 3], [1, 0, -1]);
const bias = float32([1], [10]);

describe("weights", () => {
  test("are inputs of the model where none are given, and stored where they are", async () => {
    const graph = regression();
    const stored = toOnnx(graph, { weights: new Map(Object.entries({ weight, bias })) });
    expect(decode(toOnnx(graph)).graph!.input.map(({ name }) => name)).toEqual(["x", "weight", "bias"]);
    expect(decode(stored).graph!.input.map(({ name }) => name)).toEqual(["x"]);
    const fed = await runGraph(engine, graph, { x, weight, bias });
    expect(numbersOf(fed, "y")).toEqual([8, 8]);
    expect(await runModel(engine, stored, { x })).toEqual(fed);
  });

  test("may be stored in part", async () => {
    const graph = regression();
    const model = toOnnx(graph, { weights: new Map([["weight", weight]]) });
    expect(numbersOf(await runModel(engine, model, { x, bias }), "y")).toEqual([8, 8]);
  });

  test("of another shape are refused by name", () => {
    const wrong: Tensor = float32([3, 1], [1, 0, -1]);
    expect(() => toOnnx(regression(), { weights: new Map([["weight", wrong]]) })).toThrow(
      /\[3, 1\].*\[1, 3\].*\(weight\)/,
    );
  });
});

describe("outputs", () => {
  test("carry their public names without a copy", async () => {
    const nodes = nodesOf(regression());
    expect(nodes.map(({ opType }) => opType)).toEqual(["Gemm"]);
    expect(nodes[0]!.output).toEqual(["y"]);
  });

  test("that are inputs, constants or have two names are copied", async () => {
    const graph = new Graph();
    const given = graph.input("given", "float32", [2]);
    const doubled = multiply(given, 2);
    graph.output("same", given);
    graph.output("fixed", graph.constant(float32([1], [7])));
    graph.output("first", doubled);
    graph.output("second", doubled);
    const results = await runGraph(engine, graph, { given: float32([2], [1, 2]) });
    expect([...results.keys()]).toEqual(["same", "fixed", "first", "second"]);
    expect([...results.keys()].map((name) => numbersOf(results, name))).toEqual([[1, 2], [7], [2, 4], [2, 4]]);
    expect(nodesOf(graph).filter(({ opType }) => opType === "Identity")).toHaveLength(3);
  });

  test("keep a name that something else has inside the graph", async () => {
    const graph = new Graph();
    const given = graph.input("given", "float32", [1]);
    const [inner] = graph.node("Exp", [given], { outputNames: ["y"] });
    const fixed = graph.constant(float32([1], [3]), "fixed");
    graph.output("y", multiply(inner!, fixed));
    graph.output("fixed", inner!);
    const results = await runGraph(engine, graph, { given: float32([1], [0]) });
    expect([numbersOf(results, "y"), numbersOf(results, "fixed")]).toEqual([[3], [1]]);
  });

  test("cannot have the name of another input or weight", () => {
    const graph = new Graph();
    graph.output("given", exp(graph.input("given", "float32", [1])));
    expect(() => toOnnx(graph)).toThrow(/an output and another input have the same name \(given\)/);
  });

  test("are limited to those asked for, and what only the others need is left out", () => {
    const graph = regression();
    graph.output("shifted", exp(graph.result("y")));
    const model = decode(toOnnx(graph, { outputs: ["y"] }));
    expect(model.graph!.output.map(({ name }) => name)).toEqual(["y"]);
    expect(model.graph!.node.map(({ opType }) => opType)).toEqual(["Gemm"]);
  });
});

describe("nodes", () => {
  test("leave out trailing outputs that nobody reads, where their operator allows it", () => {
    const graph = new Graph();
    const input = graph.input("x", "float32", [2, 3]);
    const scale = graph.input("scale", "float32", [3]);
    graph.output("y", layerNorm(input, scale, undefined));
    expect(nodesOf(graph)).toEqual([{ opType: "LayerNormalization", input: ["x", "scale"], output: ["y"] }]);
    graph.output("inverse", graph.nodes[0]!.outputs[2]!);
    expect(nodesOf(graph)[0]!.output).toHaveLength(3);
  });

  test("keep the outputs that their operator must have", async () => {
    const graph = new Graph();
    const parts = split(graph.input("x", "float32", [6]), [1, 2, 3], 0);
    graph.output("first", parts[0]!);
    expect(nodesOf(graph)[0]!.output).toHaveLength(3);
    const results = await runGraph(engine, graph, { x: float32([6], [1, 2, 3, 4, 5, 6]) });
    expect(numbersOf(results, "first")).toEqual([1]);
  });

  test("keep the place of an input that is left out in the middle", async () => {
    const graph = new Graph();
    const input = graph.input("x", "float32", [3]);
    graph.output("y", emit("Clip", [input, undefined, graph.scalar(2)]));
    expect(nodesOf(graph)[0]!.input).toHaveLength(3);
    expect(numbersOf(await runGraph(engine, graph, { x: float32([3], [1, 2, 3]) }), "y")).toEqual([1, 2, 2]);
  });

  test("write every kind of attribute", async () => {
    const graph = new Graph();
    const input = graph.input("x", "float32", [1, 1, 4]);
    const pooled = emitMany(
      "MaxPool",
      [input],
      { kernel_shape: { kind: "ints", value: [2] }, strides: { kind: "ints", value: [2] } },
      1,
    )[0]!;
    const leaky = emit("LeakyRelu", [pooled], { alpha: float(0.5) });
    const padded = emit("Pad", [leaky, graph.int64([0, 0, 1, 0, 0, 0])], { mode: { kind: "string", value: "edge" } });
    graph.output("y", add(padded, full(graph, [3], 1)));
    const results = await runGraph(engine, graph, { x: float32([1, 1, 4], [-4, -2, 5, 6]) });
    expect(numbersOf(results, "y")).toEqual([0, 0, 7]);
  });
});

describe("opsets", () => {
  const activation = (): Graph => {
    const graph = new Graph();
    graph.output("exact", gelu(graph.input("x", "float32", [2, 3])));
    graph.output("tanh", gelu(graph.inputs.get("x")!, "tanh"));
    return graph;
  };

  test("a decomposed Gelu equals the operator", async () => {
    const [old, young] = [toOnnx(activation(), { opset: 18 }), toOnnx(activation(), { opset: 20 })];
    expect(decode(old).opsetImport[0]!.version).toBe(18n);
    expect(decode(old).graph!.node.some(({ opType }) => opType === "Gelu")).toBe(false);
    expect(decode(young).opsetImport[0]!.version).toBe(20n);
    expect(decode(young).graph!.node.map(({ opType }) => opType)).toEqual(["Gelu", "Gelu"]);
    const feeds = { x: float32([2, 3], [-3, -1, -0.1, 0.1, 1, 3]) };
    const [a, b] = [await runModel(engine, old, feeds), await runModel(engine, young, feeds)];
    for (const name of ["exact", "tanh"])
      numbersOf(a, name).forEach((value, i) => expect(value).toBeCloseTo(numbersOf(b, name)[i]!, 6));
  });

  test("rise to what a node needs that has no decomposition", () => {
    const graph = new Graph();
    const grid = graph.input("grid", "float32", [1, 2, 2, 2]);
    graph.output("y", emit("GridSample", [graph.input("x", "float32", [1, 1, 3, 3]), grid]));
    expect(decode(toOnnx(graph)).opsetImport[0]!.version).toBe(20n);
  });

  test("stay at the default where everything decomposes", () => {
    const graph = new Graph();
    graph.output("y", rmsNorm(graph.input("x", "float32", [2, 3]), graph.input("scale", "float32", [3])));
    expect(decode(toOnnx(graph)).opsetImport[0]!.version).toBe(18n);
  });
});

test("metadata is stored with the model", () => {
  const graph = new Graph("named");
  graph.output("y", relu(graph.input("x", "float32", [1])));
  const model = decode(toOnnx(graph, { metadata: { license: "Apache-2.0" } }));
  expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([["license", "Apache-2.0"]]);
  expect([model.producerName, model.graph!.name]).toEqual(["vesalius", "named"]);
});

test("an attribute beyond the numbers of 32 bits is refused by name, and infinity is none", () => {
  const written = (alpha: number): Uint8Array => {
    const graph = new Graph("alpha");
    graph.output("y", emit("LeakyRelu", [graph.input("x", "float32", [2])], { alpha: float(alpha) }));
    return toOnnx(graph);
  };
  expect(() => written(1e300)).toThrow(/the attribute alpha is beyond the numbers of 32 bits/);
  expect(written(-Infinity).length).toBeGreaterThan(0);
});
