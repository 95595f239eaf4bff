import { beforeAll, expect, test } from "vitest";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { Graph } from "../graph.ts";
import { elementCount, float32 } from "../../common/tensor.ts";
import type { Engine } from "../testing/finite-difference.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import type { Value } from "../value.ts";
import { pixelShuffle, spaceToDepth } from "./blocks.ts";
import { einsum } from "./matrix-products.ts";
import { cumulativeSum, lowerTriangle, oneHot, topK, upperTriangle } from "./ordering.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

/** Runs a function on 1, 2, 3, ... in a shape. */
async function counted(shape: readonly number[], build: (x: Value) => Value): Promise<number[]> {
  const graph = new Graph();
  graph.output("y", build(graph.input("x", "float32", shape)));
  const x = float32(
    shape,
    Array.from({ length: elementCount(shape) }, (_, i) => i + 1),
  );
  return numbersOf(await runGraph(engine, graph, { x }), "y");
}

test("topK gives values in falling order and where they are", async () => {
  const graph = new Graph();
  const { values, indices } = topK(graph.input("x", "float32", [2, 3]), 2);
  graph.output("values", values);
  graph.output("indices", indices);
  const results = await runGraph(engine, graph, { x: float32([2, 3], [1, 3, 2, 6, 4, 5]) });
  expect(numbersOf(results, "values")).toEqual([3, 2, 6, 5]);
  expect(numbersOf(results, "indices")).toEqual([1, 2, 0, 2]);
  expect(() => topK(graph.inputs.get("x")!, 4)).toThrow(/the top 4 of 3 elements/);
});

test("cumulativeSum runs forwards or from the end, with or without the element itself", async () => {
  expect(await counted([3], (x) => cumulativeSum(x, 0))).toEqual([1, 3, 6]);
  expect(await counted([3], (x) => cumulativeSum(x, 0, { exclusive: true }))).toEqual([0, 1, 3]);
  expect(await counted([3], (x) => cumulativeSum(x, -1, { reverse: true }))).toEqual([6, 5, 3]);
});

test("triangles keep one side of a diagonal", async () => {
  expect(await counted([2, 3], (x) => lowerTriangle(x))).toEqual([1, 0, 0, 4, 5, 0]);
  expect(await counted([2, 3], (x) => lowerTriangle(x, 1))).toEqual([1, 2, 0, 4, 5, 6]);
  expect(await counted([2, 3], (x) => upperTriangle(x, 1))).toEqual([0, 2, 3, 0, 0, 6]);
});

test("oneHot puts the classes on a new last axis", async () => {
  const graph = new Graph();
  const codes = oneHot(graph.input("labels", "int64", [2]), 3);
  expect(codes.shape).toEqual([2, 3]);
  graph.output("y", codes);
  const labels = { dtype: "int64", shape: [2], data: BigInt64Array.of(2n, 0n) } as const;
  expect(numbersOf(await runGraph(engine, graph, { labels }), "y")).toEqual([0, 0, 1, 1, 0, 0]);
});

test("pixelShuffle follows PyTorch's order of channels", async () => {
  expect(await counted([1, 4, 1, 2], (x) => pixelShuffle(x, 2))).toEqual([1, 3, 2, 4, 5, 7, 6, 8]);
  expect(() => pixelShuffle(new Graph().input("x", "float32", [1, 3, 2, 2]), 2)).toThrow(/does not divide into blocks/);
});

test("spaceToDepth gathers blocks of pixels", async () => {
  expect(await counted([1, 1, 2, 4], (x) => spaceToDepth(x, 2))).toEqual([1, 3, 2, 4, 5, 7, 6, 8]);
});

test("einsum reads equations as NumPy does", async () => {
  expect(await counted([2, 2], (x) => einsum("ij,kj->ik", x, x))).toEqual([5, 11, 11, 25]);
  expect(await counted([2, 2], (x) => einsum("ii->i", x))).toEqual([1, 4]);
  const x = new Graph().input("x", "float32", [2, 3]);
  expect(() => einsum("ij,jk->ik", x, x)).toThrow(/axis "j" of "ij,jk->ik" is 3 and 2/);
  expect(() => einsum("ij->i", x, x)).toThrow(/has 1 operands, got 2/);
  expect(() => einsum("ijk->i", x)).toThrow(/operand 0 of "ijk->i" has 2 axes/);
});
