import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Graph } from "../../graph.ts";
import { gradients } from "../../autodiff.ts";
import type { DataType, TensorData, Tensors } from "../../../common/tensor.ts";
import { runGraph } from "../../../testing/reference.node.ts";
import { crossEntropy } from "./cross-entropy.ts";

async function lossOf(
  logits: readonly number[][],
  labels: readonly number[],
  options: { ignoreIndex?: number; labelSmoothing?: number },
) {
  const [rows, classes] = [logits.length, logits[0]!.length];
  const graph = new Graph("loss");
  const x = graph.parameter("logits", [rows, classes], { kind: "zeros" });
  const loss = graph.output("loss", crossEntropy(x, graph.input("labels", "int32", [rows]), options));
  graph.output("gradient", gradients(loss, [x]).get(x)!);
  const feeds: Tensors = new Map([
    ["logits", { dtype: "float32", shape: [rows, classes], data: Float32Array.from(logits.flat()) }],
    ["labels", { dtype: "int32", shape: [rows], data: Int32Array.from(labels) }],
  ]);
  const results = await runGraph(graph, feeds);
  const read = (name: string) => [...(results.get(name)!.data as Float32Array)];
  return { loss: read("loss")[0]!, gradient: read("gradient") };
}

test("ignored rows change neither the cross-entropy of the others nor get a gradient", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          row: fc.array(fc.float({ min: -5, max: 5, noNaN: true }), { minLength: 4, maxLength: 4 }),
          label: fc.constantFrom(-100, 0, 1, 2, 3),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      fc.constantFrom(0, 0.25),
      async (drawn, labelSmoothing) => {
        const samples = [...drawn, { row: [1, 2, 3, 4], label: 2 }];
        const kept = samples.filter(({ label }) => label !== -100);
        const all = await lossOf(
          samples.map(({ row }) => row),
          samples.map(({ label }) => label),
          { ignoreIndex: -100, labelSmoothing },
        );
        const some = await lossOf(
          kept.map(({ row }) => row),
          kept.map(({ label }) => label),
          { labelSmoothing },
        );
        expect(all.loss).toBeCloseTo(some.loss, 4);
        let next = 0;
        samples.forEach(({ label }, i) => {
          for (let j = 0; j < 4; j++)
            expect(all.gradient[4 * i + j]).toBeCloseTo(label === -100 ? 0 : some.gradient[next++]!, 5);
        });
      },
    ),
    { numRuns: 15 },
  );
});

test.each([
  ["uint8", Uint8Array.of(1, 0, 255)],
  ["int8", Int8Array.of(1, 0, -1)],
  ["uint16", Uint16Array.of(1, 0, 65_535)],
  ["int16", Int16Array.of(1, 0, -1)],
  ["uint32", Uint32Array.of(1, 0, 7)],
  ["uint64", BigUint64Array.of(1n, 0n, 7n)],
] as const)("takes labels of type %s, also to ignore some", async (dtype, data) => {
  const ignoreIndex = Number(data[2]);
  const logits = [0.5, -1, 2, 0.1, 0, 1];
  const run = async (type: DataType, numbers: TensorData): Promise<number> => {
    const graph = new Graph("loss");
    const x = graph.parameter("logits", [3, 2], { kind: "zeros" });
    const loss = graph.output("loss", crossEntropy(x, graph.input("labels", type, [3]), { ignoreIndex }));
    graph.output("gradient", gradients(loss, [x]).get(x)!);
    const feeds: Tensors = new Map([
      ["logits", { dtype: "float32", shape: [3, 2], data: Float32Array.from(logits) }],
      ["labels", { dtype: type, shape: [3], data: numbers }],
    ]);
    return (await runGraph(graph, feeds)).get("loss")!.data[0] as number;
  };
  expect(await run(dtype, data)).toBe(await run("int32", Int32Array.of(1, 0, ignoreIndex)));
});

test("refuses labels that are no class numbers", () => {
  const graph = new Graph("loss");
  const logits = graph.input("logits", "float32", [3, 2]);
  expect(() => crossEntropy(logits, graph.input("labels", "float32", [3]))).toThrow(/class numbers as integers/);
});
