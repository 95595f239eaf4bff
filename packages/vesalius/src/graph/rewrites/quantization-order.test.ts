import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { Graph } from "../graph.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import { float32 } from "../../common/tensor.ts";
import { copiedAfter } from "./quantization-order.ts";

test("a copy that waits is the whole value, whatever number it waits for", async () => {
  const backend = await nodeCpu();
  const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.float(), shapes, async (first, shape) => {
      const graph = new Graph();
      const ready = graph.input("ready", "float32", shape);
      graph.output("copy", copiedAfter(graph.input("value", "float32", [3, 2]), ready));
      const count = shape.reduce((product, extent) => product * extent, 1);
      const value = float32([3, 2], [1, NaN, 3, -Infinity, 5, 6]);
      const results = await runGraph(backend, graph, {
        value,
        ready: float32(shape, new Float32Array(count).fill(first)),
      });
      expect(numbersOf(results, "copy")).toEqual([...(value.data as Float32Array)]);
    }),
    {
      numRuns: 30,
      examples: [
        [NaN, [2]],
        [Infinity, []],
        [-Infinity, [1, 2]],
      ],
    },
  );
});
