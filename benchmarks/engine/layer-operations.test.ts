import { convolution, Graph, linear, meanSquaredError } from "vesalius/graph";
import { expect, test } from "vitest";
import { layerOperations } from "./layer-operations.ts";

const all = (): boolean => true;

test("a layer counts once forward and once for each operand that is differentiated", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [32, 16]);
  const hidden = linear(x, graph.parameter("first", [8, 16], { kind: "zeros" }));
  const y = linear(hidden, graph.parameter("second", [4, 8], { kind: "zeros" }));
  graph.output("loss", meanSquaredError(y, graph.input("y", "float32", [32, 4])));
  const [first, second] = [2 * 32 * 16 * 8, 2 * 32 * 8 * 4];
  expect(layerOperations(graph, all)).toBe(2 * first + 3 * second);
  expect(layerOperations(graph, ({ name }) => name === "second")).toBe(first + 2 * second);
  expect(layerOperations(graph, ({ name }) => name === "first")).toBe(2 * first + 2 * second);
  expect(layerOperations(graph, () => false)).toBe(first + second);
});

test("a convolution counts each weight of a group for each position", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 6, 10, 10]);
  const weight = graph.parameter("weight", [4, 3, 3, 3], { kind: "zeros" });
  graph.output("y", convolution(x, weight, undefined, { padding: 1, groups: 2 }));
  expect(layerOperations(graph, all)).toBe(2 * (2 * 2 * 4 * 10 * 10 * 3 * 9));
});
