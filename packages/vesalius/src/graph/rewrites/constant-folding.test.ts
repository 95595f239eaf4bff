import { beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../runtime/backend.ts";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { int } from "../attributes.ts";
import { emit } from "../emit.ts";
import { add, concat, exp, full, gather, multiply, reshape, unsqueeze } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { toOnnx } from "../onnx/write.ts";
import { float32, integers, type Tensors } from "../../common/tensor.ts";
import { evaluateConstants, foldConstants, foldNode } from "./constant-folding.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await nodeCpu();
});

async function run(graph: Graph, feeds: Tensors = new Map()): Promise<Tensors> {
  const session = await backend.load(toOnnx(graph), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

const types = (graph: Graph): string[] => graph.nodes.map(({ type }) => type);

/** Flattens all but the first axis the way exporters write it: with the shape computed in the graph. */
function exportedFlatten(): Graph {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 3, 4]);
  const batch = gather(emit("Shape", [x]), graph.scalar(0, "int64"));
  const shape = concat([unsqueeze(batch, [0]), graph.int64([-1])], 0);
  graph.output("shape", shape);
  graph.output("y", reshape(x, [2, -1]));
  return graph;
}

describe("foldConstants", () => {
  test("resolves a chain of Shape, Gather, Unsqueeze and Concat, and keeps what depends on inputs", () => {
    const folded = foldConstants(exportedFlatten());
    expect(types(folded)).toEqual(["Reshape"]);
    expect(integers(folded.result("shape").tensor!)).toEqual([2, -1]);
  });

  test("drops nodes that only a Shape read", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 5]);
    graph.output("extents", emit("Shape", [exp(exp(x))]));
    const folded = foldConstants(graph);
    expect(types(folded)).toEqual([]);
    expect(folded.inputs.size).toBe(0);
    expect(integers(folded.result("extents").tensor!)).toEqual([2, 5]);
  });

  test("keeps the largest int64 exactly, which Slice uses for «to the end»", () => {
    const graph = new Graph();
    const end = graph.constant({ dtype: "int64", shape: [1], data: BigInt64Array.of(2n ** 63n - 1n) });
    graph.output("y", concat([end, end], 0));
    expect(foldConstants(graph).result("y").tensor!.data).toEqual(BigInt64Array.of(2n ** 63n - 1n, 2n ** 63n - 1n));
  });

  test("leaves a result alone that would make the file larger", () => {
    const graph = new Graph();
    graph.output("y", full(graph, [1024, 1024], 1));
    expect(types(foldConstants(graph))).toEqual(["ConstantOfShape"]);
  });

  test("leaves a division by zero to the runtime", () => {
    const graph = new Graph();
    graph.output("y", emit("Div", [graph.scalar(1, "int64"), graph.scalar(0, "int64")]));
    expect(types(foldConstants(graph))).toEqual(["Div"]);
  });
});

describe("foldNode", () => {
  test("lets a builder use a computed shape at once", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3, 4]);
    const [extents] = foldNode(graph, "Shape", [x])!;
    const [rest] = foldNode(graph, "Gather", [extents, graph.int64([0, 1])], { attributes: { axis: int(0) } })!;
    const [shape] = foldNode(graph, "Concat", [rest, graph.int64([2, -1])], { attributes: { axis: int(0) } })!;
    expect(emit("Reshape", [x, shape]).shape).toEqual([2, 3, 2, 2]);
    expect(types(graph)).toEqual(["Reshape"]);
  });

  test("refuses what depends on an input, a parameter, or an operator without a fold", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const w = graph.parameter("w", [2], { kind: "ones" });
    const c = graph.constant(float32([2], [1, 2]));
    expect(foldNode(graph, "Add", [x, c])).toBeUndefined();
    expect(foldNode(graph, "Add", [c, w])).toBeUndefined();
    expect(foldNode(graph, "Exp", [c])).toBeUndefined();
    expect(foldNode(graph, "Add", [c, c], { domain: "com.microsoft" })).toBeUndefined();
  });

  test("reports inputs that do not fit", () => {
    const graph = new Graph();
    const [a, b] = [graph.constant(float32([2], [1, 2])), graph.constant(float32([3], [1, 2, 3]))];
    expect(() => foldNode(graph, "Add", [a, b])).toThrow(/Add\(float32\[2\], float32\[3\]\).*do not broadcast/);
  });
});

describe("evaluateConstants", () => {
  function positions(): Graph {
    const graph = new Graph();
    const x = graph.input("x", "float32", [3]);
    const table = exp(graph.constant(float32([3], [0, 1, 2])));
    graph.output("y", add(x, multiply(table, table)));
    graph.output("table", table);
    return graph;
  }

  test("replaces expressions of constants by what the runtime computes, in one run", async () => {
    const graph = positions();
    let runs = 0;
    const folded = await evaluateConstants(graph, (constants) => {
      runs++;
      expect(constants.inputs.size).toBe(0);
      return run(constants);
    });
    expect(runs).toBe(1);
    expect(types(folded)).toEqual(["Add"]);
    expect(folded.result("table").kind).toBe("constant");
    const feeds: Tensors = new Map([["x", float32([3], [5, 6, 7])]]);
    expect((await run(folded, feeds)).get("y")).toEqual((await run(graph, feeds)).get("y"));
  });

  test("keeps results that are too large to store, and does not run without work", async () => {
    const never = (): Promise<Tensors> => Promise.reject(new Error("nothing to evaluate"));
    const large = await evaluateConstants(positions(), never, { maximumElements: 2 });
    expect(types(large)).toEqual(["Exp", "Mul", "Add"]);
    const graph = new Graph();
    graph.output("y", exp(graph.input("x", "float32", [1])));
    expect(types(await evaluateConstants(graph, never))).toEqual(["Exp"]);
  });
});
