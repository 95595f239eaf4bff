import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Graph, type Tensors } from "../graph/index.ts";
import { runGraph } from "../testing/reference.node.ts";
import { comparePairs, pairContrastLoss, pairDiagnosis, towerPair } from "./pair-contrast.ts";

const [rows, width] = [4, 3];
const scale = 5;

const unit = (vector: readonly number[]): number[] => {
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => value / norm);
};
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Mean negative log-probability of the diagonal among the entries of each row that are not left out. */
function crossEntropy(logits: readonly (readonly number[])[], leftOut: (row: number, column: number) => boolean) {
  const losses = logits.map((row, i) => {
    const kept = row.filter((_, j) => !leftOut(i, j));
    return Math.log(kept.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[i]!;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function build() {
  const graph = new Graph("contrast");
  const first = graph.input("first", "float32", [rows, width]);
  const second = graph.input("second", "float32", [rows, width]);
  const compared = comparePairs(first, second, graph.input("related", "float32", [rows, rows]));
  graph.output("loss", pairContrastLoss(compared, graph.scalar(scale)));
  for (const [name, value] of Object.entries(pairDiagnosis(compared))) graph.output(name, value);
  return graph;
}

const feedsOf = (first: readonly number[], second: readonly number[], related: readonly number[]): Tensors =>
  new Map(
    Object.entries({ first, second, related }).map(([name, values]) => [
      name,
      { dtype: "float32", shape: [rows, values.length / rows], data: Float32Array.from(values) },
    ]),
  );

/** Odd quarters, so that no vector is zero. */
const numbers = fc.array(
  fc.integer({ min: -6, max: 6 }).map((value) => (2 * value + 1) / 4),
  { minLength: rows * width, maxLength: rows * width },
);
const flags = fc.array(fc.constantFrom(0, 1), { minLength: rows * rows, maxLength: rows * rows });

test("is the cross-entropy of both directions, without what also belongs together", async () => {
  const graph = build();
  await fc.assert(
    fc.asyncProperty(numbers, numbers, flags, async (first, second, related) => {
      const vectors = [first, second].map((values) =>
        Array.from({ length: rows }, (_, i) => values.slice(i * width, (i + 1) * width)),
      );
      const [a, b] = vectors.map((side) => side.map(unit)) as [number[][], number[][]];
      const logits = a.map((x) => b.map((y) => scale * dot(x, y)));
      const also = (i: number, j: number) => i !== j && related[i * rows + j] === 1;
      const back = logits.map((_, j) => logits.map((row) => row[j]!));
      const expected = (crossEntropy(logits, also) + crossEntropy(back, (j, i) => also(i, j))) / 2;
      const outputs = await runGraph(graph, feedsOf(first, second, related));
      expect((outputs.get("loss")!.data as Float32Array)[0]).toBeCloseTo(expected, 4);
    }),
    { numRuns: 20 },
  );
});

test("tells a contrast that works from one that collapsed", async () => {
  const graph = build();
  const axes = [1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0];
  const none = Array<number>(rows * rows).fill(0);
  const of = async (first: number[], second: number[]): Promise<Record<string, number>> => {
    const outputs = await runGraph(graph, feedsOf(first, second, none));
    return Object.fromEntries([...outputs].map(([name, { data }]) => [name, (data as Float32Array)[0]!]));
  };
  expect(await of(axes, axes)).toMatchObject({ accuracy: 1, positiveCosine: 1 });
  const collapsed = Array<number>(rows * width).fill(1);
  const { accuracy, positiveCosine, negativeCosine } = await of(collapsed, collapsed);
  expect(accuracy).toBe(1 / rows);
  expect(positiveCosine).toBeCloseTo(1, 5);
  expect(negativeCosine).toBeCloseTo(1, 5);
});

test("refuses features without the towers, and towers of two widths", () => {
  const graph = new Graph("towers");
  const pooled = graph.input("pooled", "float32", [rows, width]);
  const wide = graph.input("wide", "float32", [rows, width + 1]);
  const pair = ["image", "text"] as const;
  expect(() => towerPair({ pooled }, pair)).toThrow(/no towers image and text/);
  expect(() => towerPair({ pooled, towers: { image: { pooled }, text: { pooled: wide } } }, pair)).toThrow(
    /3 and 4 numbers/,
  );
});
