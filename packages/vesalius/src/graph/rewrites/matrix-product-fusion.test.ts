import { expect, test } from "vitest";
import { expectSameLowered } from "../../testing/lowered.node.ts";
import { gemm, matMul, multiply, reshape, transpose } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { fuseMatrixProducts } from "./matrix-product-fusion.ts";

const typesOf = (graph: Graph): string[] => graph.nodes.map(({ type }) => type).toSorted();

const attributeOf = (graph: Graph, type: string, name: string): unknown => {
  const attribute = graph.nodes.find((node) => node.type === type)?.attributes[name];
  return attribute && "value" in attribute ? attribute.value : undefined;
};

test("factors and transpositions of batched matrices go into the product", async () => {
  const graph = new Graph("scores");
  const query = graph.input("query", "float32", [2, 5, 3, 4]);
  const key = graph.input("key", "float32", [2, 6, 3, 4]);
  const byHead = transpose(multiply(query, 0.5), [0, 2, 1, 3]);
  graph.output("y", multiply(matMul(byHead, transpose(key, [0, 2, 3, 1])), 3));
  const fused = fuseMatrixProducts(graph);
  expect(typesOf(fused)).toEqual(["FusedMatMul", "Mul", "Transpose", "Transpose"]);
  expect(attributeOf(fused, "FusedMatMul", "transB")).toBe(1);
  expect(attributeOf(fused, "FusedMatMul", "alpha")).toBe(3);
  // Rows of the last axis stay whole.
  for (const node of fused.nodes)
    if (node.type === "Transpose") expect(attributeOf(fused, "Transpose", "perm")).toEqual([0, 2, 1, 3]);
  await expectSameLowered(graph, 0, 5e-6);
});

test("factors go into both parts of Gemm, through changes of shape", async () => {
  const graph = new Graph("linear");
  const x = graph.input("x", "float32", [2, 3, 4]);
  const weight = graph.input("weight", "float32", [5, 4]);
  const bias = graph.input("bias", "float32", [5]);
  const scaled = reshape(multiply(x, 2), [6, 4]);
  const product = gemm(scaled, weight, bias, { transposeB: true });
  graph.output("y", multiply(reshape(product, [2, 3, 5]), 0.25));
  const fused = fuseMatrixProducts(graph);
  expect(typesOf(fused)).toEqual(["Gemm", "Reshape", "Reshape"]);
  expect(attributeOf(fused, "Gemm", "alpha")).toBe(0.5);
  expect(attributeOf(fused, "Gemm", "beta")).toBe(0.25);
  await expectSameLowered(graph, 0, 5e-6);
});

test("a product that something else reads keeps its scale", async () => {
  const graph = new Graph("shared");
  const a = graph.input("a", "float32", [3, 4]);
  const b = graph.input("b", "float32", [4, 2]);
  const product = gemm(a, b);
  graph.output("y", multiply(product, 2));
  graph.output("plain", product);
  expect(attributeOf(fuseMatrixProducts(graph), "Gemm", "alpha")).toBeUndefined();
  await expectSameLowered(graph, 0, 5e-6);
});

test("the sum of rows takes a factor into its row of ones", async () => {
  const graph = new Graph("sum");
  const x = graph.input("x", "float32", [6, 4]);
  graph.output("y", matMul(graph.filled([1, 6], 1), multiply(x, -0.5)));
  expect(typesOf(fuseMatrixProducts(graph))).toEqual(["MatMul"]);
  await expectSameLowered(graph, 0, 5e-6);
});

test("a factor behind products of single rows stays, for their fast kernel knows none", () => {
  const graph = new Graph("dots");
  const [a, b] = [graph.input("a", "float32", [5, 1, 8]), graph.input("b", "float32", [5, 1, 8])];
  graph.output("y", multiply(matMul(a, transpose(b, [0, 2, 1])), 0.5));
  const fused = fuseMatrixProducts(graph);
  expect(typesOf(fused)).toEqual(["FusedMatMul", "Mul"]);
  expect(attributeOf(fused, "FusedMatMul", "alpha")).toBeOneOf([undefined, 1]);
});
