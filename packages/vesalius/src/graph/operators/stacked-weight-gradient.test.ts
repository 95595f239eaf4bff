import { expect, test } from "vitest";
import { drawn } from "../../testing/lowered.node.ts";
import { runGraph } from "../../testing/reference.node.ts";
import { Graph } from "../graph.ts";
import { stackedWeightGradient } from "./stacked-weight-gradient.ts";

test("it makes no difference how many axes are stacked", async () => {
  const shapes = { x: [2, 8, 5, 6, 7], dy: [2, 6, 4, 6, 4] };
  const windows = { kernel: [2, 3, 2], strides: [1, 1, 2], dilations: [1, 1, 1], before: [0, 1, 1], after: [0, 1, 0] };
  const feeds = new Map(Object.entries(shapes).map(([name, shape]) => [name, drawn(shape, name)]));
  const results = await Promise.all(
    [1, 2].map(async (axes) => {
      const graph = new Graph("gradient");
      const [x, dy] = [graph.input("x", "float32", shapes.x), graph.input("dy", "float32", shapes.dy)];
      graph.output("dw", stackedWeightGradient(x, dy, windows, 2, axes));
      return (await runGraph(graph, feeds)).get("dw")!;
    }),
  );
  expect(results[0]!.shape).toEqual([6, 4, 2, 3, 2]);
  const [first, second] = results.map(({ data }) => data as Float32Array);
  first!.forEach((value, i) => expect(value).toBeCloseTo(second![i]!, 4));
});
