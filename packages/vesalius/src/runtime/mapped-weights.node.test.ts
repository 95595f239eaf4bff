import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { isLazy, lazyTensor, placeOf } from "../common/lazy-tensor.ts";
import {
  float32,
  Graph,
  linear,
  quantizedParts,
  quantizeTensors,
  quantizeWeights,
  type Tensor,
} from "../graph/index.ts";
import { randomStream } from "../common/random.ts";
import type { Backend } from "./backend.ts";
import { nodeCpu } from "./node-cpu.node.ts";
import { Program } from "./program.ts";

const drawn = (shape: readonly number[]): Tensor => {
  const random = randomStream(1, "mapped", shape.join());
  return float32(
    shape,
    Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => random.normal()),
  );
};

test.each(["int4", "int8", "nf4"] as const)(
  "two models share %s weights in a file, and compute as with their own",
  async (format) => {
    const backend = await nodeCpu();
    const shapes = [3, 5].map((rows) => {
      const graph = new Graph();
      const weight = graph.parameter("weight", [96, 64], { kind: "zeros" });
      graph.output("y", linear(graph.input("x", "float32", [rows, 64]), weight));
      return quantizeWeights(graph, { format, blockSize: 32 });
    });
    const inside = await quantizeTensors(shapes[0]!.weights, () => drawn([96, 64]));
    const kept = await quantizeTensors(shapes[0]!.weights, () => drawn([96, 64]), backend.keepWeights!());
    const places = [...kept.values()].map((tensor) => placeOf(tensor)!);
    expect([...kept.values()].every(isLazy)).toBe(true);
    expect(new Set(places.map(({ folder }) => folder)).size).toBe(1);
    expect(existsSync(`${places[0]!.folder}/${places[0]!.name}`)).toBe(true);
    for (const { name } of quantizedParts(shapes[0]!.weights[0]!).values())
      expect({ ...kept.get(name)! }).toEqual({ ...inside.get(name)! });
    for (const [i, { graph }] of shapes.entries()) {
      const x = drawn([[3, 5][i]!, 64]);
      const [a, b] = [
        await Program.compile(graph, backend, [], { stored: inside }),
        await Program.compile(graph, backend, [], { stored: kept }),
      ];
      const [expected, found] = [
        await a.run(new Map([["x", x]]), new Map()),
        await b.run(new Map([["x", x]]), new Map()),
      ];
      expect(found.get("y")).toEqual(expected.get("y"));
      await a.release();
      await b.release();
    }
  },
);

test("weights that no model holds are refused before they are read", async () => {
  const without = { ...(await nodeCpu()), keepWeights: undefined } as unknown as Backend;
  const graph = new Graph();
  const weight = graph.parameter("weight", [2 ** 16, 2 ** 15], { kind: "zeros" }, "uint8");
  graph.output("y", weight);
  const stored = new Map([
    [
      "weight",
      lazyTensor(weight, () => {
        throw new Error("read");
      }),
    ],
  ]);
  for (const backend of [without, await nodeCpu()])
    await expect(Program.compile(graph, backend, [], { stored })).rejects.toMatchObject({
      code: "bad-configuration",
      what: expect.stringContaining("2147483648 bytes") as string,
    });
});
