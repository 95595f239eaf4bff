import * as fc from "fast-check";
import { expect, test } from "vitest";
import { float32, Graph, matMul, reduceSum, multiply, transpose } from "../../graph/index.ts";
import { runGraph } from "../../testing/reference.node.ts";
import { rotaryEmbedding } from "./rotary.ts";

const data = (seed: number) => Float32Array.from({ length: 24 }, (_, i) => Math.sin(seed + 1.7 * i));

test("scores depend on the distance of two positions alone, and lengths stay", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("interleaved" as const, "halfSplit" as const),
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 3, maxLength: 3 }),
      fc.integer({ min: 0, max: 11 }),
      fc.integer({ min: 0, max: 1000 }),
      async (layout, places, shift, seed) => {
        const graph = new Graph("rotary");
        const [q, k] = [graph.input("q", "float32", [1, 1, 3, 8]), graph.input("k", "float32", [1, 1, 3, 8])];
        const scores = (name: string) => {
          const positions = graph.input(name, "int32", [1, 3]);
          const turn = (x: typeof q) => rotaryEmbedding(x, { layout, positions, maximumPositions: 32 });
          graph.output(`${name}.length`, reduceSum(multiply(turn(q), turn(q)), [-1]));
          return graph.output(`${name}.scores`, matMul(turn(q), transpose(turn(k), [0, 1, 3, 2])));
        };
        scores("here");
        scores("there");
        const at = (extra: number) => ({
          dtype: "int32" as const,
          shape: [1, 3],
          data: Int32Array.from(places, (place) => place + extra),
        });
        const results = await runGraph(
          graph,
          new Map([
            ["q", float32([1, 1, 3, 8], data(seed))],
            ["k", float32([1, 1, 3, 8], data(seed + 0.5))],
            ["here", at(0)],
            ["there", at(shift)],
          ]),
        );
        for (const part of ["scores", "length"]) {
          const here = results.get(`here.${part}`)!.data as Float32Array;
          const there = results.get(`there.${part}`)!.data as Float32Array;
          here.forEach((value, i) => expect(there[i]).toBeCloseTo(value, 4));
        }
        const lengths = results.get("here.length")!.data as Float32Array;
        lengths.forEach((value, row) =>
          expect(value).toBeCloseTo(
            data(seed)
              .slice(8 * row, 8 * row + 8)
              .reduce((sum, x) => sum + x * x, 0),
            4,
          ),
        );
      },
    ),
    { numRuns: 12 },
  );
});

test("an odd width and positions without their number are refused", () => {
  const graph = new Graph("rotary");
  const x = graph.input("x", "float32", [1, 1, 3, 7]);
  expect(() => rotaryEmbedding(x, { layout: "halfSplit" })).toThrow(/even width/);
  const even = graph.input("even", "float32", [1, 1, 3, 8]);
  const positions = graph.input("positions", "int32", [1, 3]);
  expect(() => rotaryEmbedding(even, { layout: "halfSplit", positions })).toThrow(/number of positions/);
});
