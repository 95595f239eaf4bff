import { Graph, gradients, linear, matMul, meanSquaredError, transpose } from "vesalius/graph";
import { describe, expect, test } from "vitest";
import { matrixProductOperations } from "./matrix-products.ts";

describe("operations of matrix products", () => {
  test("a linear layer has one product forward and one for each gradient", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [32, 16]);
    const weight = graph.parameter("weight", [8, 16], { kind: "zeros" });
    const bias = graph.parameter("bias", [8], { kind: "zeros" });
    const loss = meanSquaredError(linear(x, weight, bias), graph.input("y", "float32", [32, 8]));
    graph.output("loss", loss);
    const product = 2 * 32 * 16 * 8;
    expect(matrixProductOperations(graph)).toBe(product);
    for (const [i, gradient] of [...gradients(loss, [x, weight, bias]).values()].entries())
      graph.output(`gradient${i}`, gradient);
    expect(matrixProductOperations(graph)).toBe(3 * product);
  });

  test("every matrix of a batch counts, and what no output needs does not", () => {
    const graph = new Graph();
    const a = graph.input("a", "float32", [4, 3, 10, 20]);
    const b = graph.input("b", "float32", [4, 3, 10, 20]);
    graph.output("scores", matMul(a, transpose(b, [0, 1, 3, 2])));
    matMul(transpose(a, [0, 1, 3, 2]), b);
    expect(matrixProductOperations(graph)).toBe(2 * 4 * 3 * 10 * 20 * 10);
  });

  test("sums in the form of products with a vector do not count", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [10, 20]);
    graph.output("columns", matMul(graph.filled([1, 10], 1), x));
    graph.output("rows", matMul(x, graph.filled([20, 1], 1)));
    expect(matrixProductOperations(graph)).toBe(0);
  });
});
