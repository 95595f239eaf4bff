import { beforeAll, describe, expect, test } from "vitest";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { Graph } from "../graph.ts";
import { elementCount, float32 } from "../../common/tensor.ts";
import type { Engine } from "../testing/finite-difference.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import type { Value } from "../value.ts";
import { averagePool, globalAveragePool, globalMaxPool, maxPool } from "./pooling.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

/** Runs a pooling on 1, 2, 3, ... in a shape. */
async function pool(
  shape: readonly number[],
  build: (x: Value) => Value,
): Promise<{ shape: readonly number[]; y: number[] }> {
  const graph = new Graph();
  const y = build(graph.input("x", "float32", shape));
  graph.output("y", y);
  const x = float32(
    shape,
    Array.from({ length: elementCount(shape) }, (_, i) => i + 1),
  );
  return { shape: y.shape, y: numbersOf(await runGraph(engine, graph, { x }), "y") };
}

describe("pooling", () => {
  test("windows do not overlap by default", async () => {
    expect(await pool([1, 1, 4, 4], (x) => maxPool(x, 2))).toEqual({ shape: [1, 1, 2, 2], y: [6, 8, 14, 16] });
    expect((await pool([1, 1, 4, 4], (x) => averagePool(x, 2))).y).toEqual([3.5, 5.5, 11.5, 13.5]);
  });

  test("stride, padding and ceilMode follow PyTorch", async () => {
    expect((await pool([1, 1, 5], (x) => maxPool(x, 3, { stride: 2 }))).y).toEqual([3, 5]);
    expect((await pool([1, 1, 6], (x) => maxPool(x, 3, { stride: 2 }))).y).toEqual([3, 5]);
    expect((await pool([1, 1, 6], (x) => maxPool(x, 3, { stride: 2, ceilMode: true }))).y).toEqual([3, 5, 6]);
    expect((await pool([1, 1, 4], (x) => maxPool(x, 3, { stride: 1, padding: 1 }))).y).toEqual([2, 3, 4, 4]);
  });

  test("padding counts as zeros in a mean unless it is left out", async () => {
    const counted = await pool([1, 1, 2], (x) => averagePool(x, 3, { stride: 1, padding: 1 }));
    counted.y.forEach((value) => expect(value).toBeCloseTo(1, 6));
    const left = await pool([1, 1, 2], (x) => averagePool(x, 3, { stride: 1, padding: 1, countPadding: false }));
    expect(left.y).toEqual([1.5, 1.5]);
  });

  test("kernels may differ from axis to axis", async () => {
    expect((await pool([1, 1, 2, 4], (x) => maxPool(x, [1, 4]))).y).toEqual([4, 8]);
    expect((await pool([1, 1, 2, 2, 2], (x) => averagePool(x, 2))).y).toEqual([4.5]);
  });

  test("global pooling keeps the spatial axes with extent 1", async () => {
    expect(await pool([1, 2, 2, 2], globalAveragePool)).toEqual({ shape: [1, 2, 1, 1], y: [2.5, 6.5] });
    expect(await pool([1, 2, 3], globalMaxPool)).toEqual({ shape: [1, 2, 1], y: [3, 6] });
  });

  test("a kernel without an extent for each axis is refused", () => {
    const x = new Graph().input("x", "float32", [1, 1, 4]);
    expect(() => maxPool(x, 5)).toThrow(/window of 5 does not fit in axis 2 of 4/);
  });
});
