import { expect, test } from "vitest";
import { expectSameLowered } from "../../testing/lowered.node.ts";
import { multiply, reduceMean, reduceSum, reduceSumSquare, square } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { sumsAsProducts } from "./dot-products.ts";

function graphOf(shape: readonly number[], result: (a: Value, b: Value) => Value): Graph {
  const graph = new Graph("sums");
  graph.output("y", result(graph.input("a", "float32", shape), graph.input("b", "float32", shape)));
  return graph;
}

const isProduct = (graph: Graph): boolean => sumsAsProducts(graph).nodes.some(({ type }) => type === "MatMul");

test.each<[string, readonly number[], (a: Value, b: Value) => Value]>([
  ["squares of rows", [3, 5, 600], (a, b) => multiply(reduceSumSquare(a, [2]), reduceMean(b, [2]))],
  ["squares over two axes", [3, 4, 20, 41], (a) => reduceSumSquare(a, [3, -2])],
  ["products", [2, 5, 700], (a, b) => reduceSum(multiply(a, b), [2], { keepDimensions: false })],
  ["mean squares", [8, 1024], (a, b) => multiply(reduceMean(square(a), [1]), reduceMean(multiply(a, b), [1]))],
])("sums as products give the same numbers: %s", async (_, shape, result) => {
  const graph = graphOf(shape, result);
  expect(isProduct(graph)).toBe(true);
  await expectSameLowered(graph, 1e-5, 1e-5 * Math.sqrt(shape.at(-1)!));
});

test.each<[string, readonly number[], (a: Value, b: Value) => Value]>([
  ["few sums", [4, 600], (a) => reduceSumSquare(a, [1])],
  ["short sums", [600, 5], (a) => reduceSumSquare(a, [1])],
  ["sums over other axes than the last", [600, 5], (a) => reduceSumSquare(a, [0])],
  ["sums of what is no product", [9, 600], (a) => reduceSum(a, [1])],
  [
    "sums of products that something else reads",
    [9, 600],
    (a, b) => {
      const product = multiply(a, b);
      return multiply(product, reduceSum(product, [1]));
    },
  ],
  ["sums of products with a number of each row", [9, 600], (a, b) => reduceSum(multiply(a, reduceSum(b, [1])), [1])],
])("%s stay as they are", (_, shape, result) => {
  expect(isProduct(graphOf(shape, result))).toBe(false);
});

test("sums in float64 stay as they are", () => {
  const graph = new Graph("double");
  graph.output("y", reduceSumSquare(graph.input("a", "float64", [2, 600]), [1]));
  expect(isProduct(graph)).toBe(false);
});
