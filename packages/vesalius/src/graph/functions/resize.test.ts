import { beforeAll, describe, expect, test } from "vitest";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { Graph } from "../graph.ts";
import { elementCount, float32 } from "../../common/tensor.ts";
import type { Engine } from "../testing/finite-difference.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import { gridSample, type GridSampleOptions, resize, type ResizeOptions } from "./resize.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
};

describe("resize", () => {
  const resized = async (x: readonly number[], count: number, options: ResizeOptions): Promise<number[]> => {
    const graph = new Graph();
    graph.output("y", resize(graph.input("x", "float32", [1, 1, x.length]), [count], options));
    return numbersOf(await runGraph(engine, graph, { x: float32([1, 1, x.length], x) }), "y");
  };

  test("nearest repeats elements as torch's interpolate does", async () => {
    close(await resized([1, 2], 4, { mode: "nearest" }), [1, 1, 2, 2]);
    close(await resized([1, 2, 3], 2, { mode: "nearest" }), [1, 2]);
  });

  test("linear aligns the borders of elements, or their centres when asked", async () => {
    close(await resized([1, 3], 4, {}), [1, 1.5, 2.5, 3]);
    close(await resized([1, 3], 3, { alignCorners: true }), [1, 2, 3]);
    close(await resized([1, 2, 3, 4], 2, {}), [1.5, 3.5]);
  });

  test("works on two and three spatial axes", async () => {
    const graph = new Graph();
    graph.output("plane", resize(graph.input("plane in", "float32", [1, 1, 2, 2]), [2, 4]));
    graph.output("volume", resize(graph.input("volume in", "float32", [1, 2, 2, 2, 2]), [4, 4, 4]));
    expect(graph.result("volume").shape).toEqual([1, 2, 4, 4, 4]);
    const feeds = {
      "plane in": float32([1, 1, 2, 2], [0, 4, 8, 12]),
      "volume in": float32(
        [1, 2, 2, 2, 2],
        Array.from({ length: 16 }, () => 3),
      ),
    };
    const results = await runGraph(engine, graph, feeds);
    close(numbersOf(results, "plane"), [0, 1, 3, 4, 8, 9, 11, 12]);
    expect(new Set(numbersOf(results, "volume"))).toEqual(new Set([3]));
  });

  test("the number of extents has to fit", () => {
    const x = new Graph().input("x", "float32", [1, 1, 4, 4]);
    expect(() => resize(x, [2, 2, 2])).toThrow(/axis 4 does not exist in a tensor of rank 4/);
  });
});

describe("gridSample", () => {
  const sampled = async (extents: readonly number[], grid: readonly number[], options: GridSampleOptions = {}) => {
    const graph = new Graph();
    const x = float32(
      [1, 1, ...extents],
      Array.from({ length: elementCount(extents) }, (_, i) => i + 1),
    );
    const rank = extents.length;
    const positions = [1, ...Array.from({ length: rank - 1 }, () => 1), grid.length / rank, rank];
    graph.output(
      "y",
      gridSample(graph.input("x", "float32", x.shape), graph.input("grid", "float32", positions), options),
    );
    return numbersOf(await runGraph(engine, graph, { x, grid: float32(positions, grid) }), "y");
  };

  test("takes x before y, and -1 and 1 as the borders of the image", async () => {
    close(await sampled([2, 2], [-0.5, -0.5, 0.5, -0.5, -0.5, 0.5, 0, 0]), [1, 2, 3, 2.5]);
  });

  test("or as the centres of the corner elements", async () => {
    close(await sampled([2, 2], [-1, -1, 1, -1, 0, 1], { alignCorners: true }), [1, 2, 3.5]);
  });

  test("is zero outside, or repeats the border", async () => {
    close(await sampled([2, 2], [3, -0.5, 0.5, 3]), [0, 0]);
    close(await sampled([2, 2], [3, -0.5, 0.5, 3], { padding: "border" }), [2, 4]);
  });

  test("nearest takes the element that is hit", async () => {
    close(await sampled([2, 2], [-0.1, -0.9, 0.2, 0.2], { mode: "nearest" }), [1, 4]);
  });

  test("works on volumes", async () => {
    close(await sampled([2, 2, 2], [0.5, -0.5, -0.5, 0, 0, 0]), [2, 4.5]);
  });

  test("a grid that does not fit is refused", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 1, 4, 4]);
    expect(() => gridSample(x, graph.input("grid", "float32", [1, 2, 2, 3]))).toThrow(
      /needs a grid \[batch, \.\.\.positions/,
    );
  });
});
