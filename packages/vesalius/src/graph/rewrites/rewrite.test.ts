import { beforeAll, describe, expect, test } from "vitest";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { gradients } from "../autodiff.ts";
import { add, exp, gelu, linear, multiply, reduceSum, relu, scaleGradient, split, square } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { float32 } from "../../common/tensor.ts";
import type { Engine } from "../testing/finite-difference.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import { lower } from "./lower.ts";
import { ancestors, rewrite } from "./rewrite.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

function twoHeads(): Graph {
  const graph = new Graph("two heads");
  const x = graph.input("x", "float32", [1, 2]);
  const noise = graph.input("noise", "float32", [1, 2], { kind: "normal" });
  const hidden = graph.scope("trunk", () =>
    relu(linear(add(x, noise), graph.parameter("trunk.weight", [2, 2], { kind: "ones" }))),
  );
  graph.output("a", linear(hidden, graph.parameter("a.weight", [1, 2], { kind: "ones" })));
  graph.output("b", linear(hidden, graph.parameter("b.weight", [3, 2], { kind: "zeros" })));
  return graph;
}

const describeGraph = (graph: Graph) => ({
  name: graph.name,
  inputs: [...graph.inputs.values()].map(({ name, dtype, shape, random }) => ({ name, dtype, shape, random })),
  parameters: [...graph.parameters.values()].map(({ name, shape, initializer }) => ({ name, shape, initializer })),
  nodes: graph.nodes.map(({ name, type, attributes, inputs }) => ({
    name,
    type,
    attributes,
    inputs: inputs.map((input) => input?.name),
  })),
  outputs: [...graph.outputs].map(([name, value]) => [name, value.name]),
});

describe("rewrite", () => {
  test("without rewriters copies the graph with all names", () => {
    const graph = twoHeads();
    expect(describeGraph(rewrite(graph).graph)).toEqual(describeGraph(graph));
  });

  test("leaves the source graph as it was", () => {
    const graph = twoHeads();
    const before = describeGraph(graph);
    rewrite(graph, { outputs: ["a"], parameter: (p, target) => target.filled(p.shape, 1) });
    expect(describeGraph(graph)).toEqual(before);
  });

  test("drops what no kept output needs, and keeps unused parameters when asked", () => {
    const { graph } = rewrite(twoHeads(), { outputs: ["a"] });
    expect([...graph.outputs.keys()]).toEqual(["a"]);
    expect([...graph.parameters.keys()]).toEqual(["trunk.weight", "a.weight"]);
    const kept = rewrite(twoHeads(), { outputs: ["a"], keepUnusedParameters: true }).graph;
    expect([...kept.parameters.keys()]).toEqual(["trunk.weight", "a.weight", "b.weight"]);
  });

  test("an output that does not exist is an error that lists those that do", () => {
    expect(() => rewrite(twoHeads(), { outputs: ["c"] })).toThrow(/no output "c", only: a, b/);
  });

  test("stands another value in for a parameter wherever it is read", async () => {
    const { graph } = rewrite(twoHeads(), {
      parameter: (parameter, target) =>
        parameter.name === "trunk.weight"
          ? multiply(target.parameter("base", parameter.shape, { kind: "ones" }), 2)
          : undefined,
    });
    expect([...graph.parameters.keys()]).toContain("base");
    expect([...graph.parameters.keys()]).not.toContain("trunk.weight");
    const feeds = {
      x: float32([1, 2], [1, 2]),
      noise: float32([1, 2], [0, 0]),
      base: float32([2, 2], [1, 0, 0, 1]),
      "a.weight": float32([1, 2], [1, 1]),
      "b.weight": float32([3, 2], [0, 0, 0, 0, 0, 0]),
    };
    expect(numbersOf(await runGraph(engine, graph, feeds), "a")).toEqual([6]);
  });

  test("names the nodes that replace one after it", () => {
    const { graph } = rewrite(twoHeads(), {
      node: (node, [x]) => (node.type === "Relu" ? [square(x!)] : undefined),
    });
    const replacement = graph.nodes.find(({ type }) => type === "Mul");
    expect(replacement?.name).toMatch(/^trunk\/Relu_0\//);
    expect(graph.nodes.some(({ type }) => type === "Relu")).toBe(false);
  });

  test("maps old values to new ones", () => {
    const graph = twoHeads();
    const { graph: copy, values } = rewrite(graph, { outputs: ["a"] });
    expect(values.get(graph.inputs.get("x")!)).toBe(copy.inputs.get("x"));
    expect(values.get(graph.result("a"))).toBe(copy.result("a"));
    expect(values.has(graph.result("b"))).toBe(false);
  });

  test("translates what a node's own gradient rule reads, and drops it for inference", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const factor = exp(graph.input("factor", "float32", []));
    const loss = reduceSum(scaleGradient(x, factor), undefined, { keepDimensions: false });
    graph.output("loss", loss);
    const { graph: copy } = rewrite(graph);
    expect([...copy.inputs.keys()]).toEqual(["x", "factor"]);
    const gradient = gradients(copy.result("loss"), [copy.inputs.get("x")!]).get(copy.inputs.get("x")!)!;
    expect(gradient.graph).toBe(copy);
    expect(ancestors([gradient])).toContain(copy.inputs.get("factor"));
    const inference = rewrite(graph, { forInference: true }).graph;
    expect([...inference.inputs.keys()]).toEqual(["x"]);
    expect(inference.nodes.every(({ gradient: rule }) => rule === undefined)).toBe(true);
  });

  test("keeps nodes of several outputs whole", () => {
    const graph = new Graph();
    const parts = split(graph.input("x", "float32", [4]), [1, 3], 0);
    graph.output("second", parts[1]!);
    const { graph: copy } = rewrite(graph);
    expect(copy.nodes[0]!.outputs.map(({ shape }) => shape)).toEqual([[1], [3]]);
  });
});

describe("lower", () => {
  test("writes out operators younger than the opset, and leaves them at a younger one", () => {
    const graph = new Graph();
    graph.output("y", gelu(graph.input("x", "float32", [2])));
    expect(lower(graph, 20).nodes.map(({ type }) => type)).toEqual(["Gelu"]);
    const types = lower(graph, 18).nodes.map(({ type }) => type);
    expect(types).toContain("Erf");
    expect(types).not.toContain("Gelu");
  });

  test("drops gradient rules and what only they read, since a file has no place for them", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    graph.output("y", scaleGradient(x, graph.input("factor", "float32", [])));
    expect([...lower(graph, 18).inputs.keys()]).toEqual(["x"]);
  });
});

test("ancestors are the values that outputs depend on", () => {
  const graph = twoHeads();
  const all = ancestors([graph.result("a")]);
  expect(
    [...all]
      .filter(({ kind }) => kind === "parameter")
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["a.weight", "trunk.weight"]);
  expect(all.has(graph.result("b"))).toBe(false);
});
