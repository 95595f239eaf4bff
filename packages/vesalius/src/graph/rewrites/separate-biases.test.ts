import { expect, test } from "vitest";
import { expectSameLowered } from "../../testing/lowered.node.ts";
import { gemm, multiply } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { separateBiases } from "./separate-biases.ts";

function graphOf(rows: number, bias: readonly number[] = [400], factor = 1): Graph {
  const graph = new Graph("linear");
  const x = graph.input("x", "float32", [rows, 30]);
  const weight = graph.input("weight", "float32", [30, 400]);
  const product = gemm(x, weight, bias.length > 0 ? graph.input("bias", "float32", bias) : undefined);
  graph.output("y", factor === 1 ? product : multiply(product, factor));
  return graph;
}

test.each([1, 0.5])("a large product and its bias, times %d, give the same numbers", async (factor) => {
  const graph = graphOf(1400, [400], factor);
  expect(separateBiases(graph).nodes.map(({ type }) => type)).toContain("Add");
  await expectSameLowered(graph, 1e-5, 1e-5);
});

test.each<[string, Graph]>([
  ["small products", graphOf(1300)],
  ["products without bias", graphOf(1400, [])],
  ["addends as large as the product", graphOf(1400, [1400, 400])],
  ["addends for each row", graphOf(1400, [1400, 1])],
])("%s stay as they are", (_, graph) => {
  expect(separateBiases(graph)).toBe(graph);
});
