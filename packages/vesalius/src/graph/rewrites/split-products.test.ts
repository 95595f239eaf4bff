import { expect, test } from "vitest";
import { expectSameLowered } from "../../testing/lowered.node.ts";
import { gemm, reshape, split } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { splitProducts } from "./split-products.ts";

interface Case {
  readonly rows?: number;
  readonly sizes?: readonly number[];
  readonly transposeB?: boolean;
  readonly bias?: readonly number[];
  readonly axis?: number;
  /** Whether something else reads the whole product too. */
  readonly isShared?: boolean;
}

function graphOf(given: Case): Graph {
  const { rows = 400, sizes = [64, 128], transposeB = true, bias = [192], axis = 2, isShared = false } = given;
  const graph = new Graph("projection");
  const columns = sizes.reduce((sum, size) => sum + size, 0);
  const x = graph.input("x", "float32", [rows, 48]);
  const weight = graph.input("weight", "float32", transposeB ? [columns, 48] : [48, columns]);
  const added = bias.length > 0 ? graph.input("bias", "float32", bias) : undefined;
  const product = gemm(x, weight, added, { transposeB });
  const parts = split(reshape(product, [4, rows / 4, columns]), axis === 2 ? sizes : [1, 3], axis);
  parts.forEach((part, i) => graph.output(`part ${i}`, part));
  if (isShared) graph.output("whole", product);
  return graph;
}

const products = (graph: Graph): number => graph.nodes.filter(({ type }) => type === "Gemm").length;

test.each<Case>([{}, { transposeB: false }, { bias: [] }, { sizes: [64, 64, 64], transposeB: false, bias: [] }])(
  "a projection that is split gives the same numbers by products of its parts: %j",
  async (given) => {
    const graph = graphOf(given);
    expect(products(splitProducts(graph))).toBe(given.sizes?.length ?? 2);
    await expectSameLowered(graph, 1e-5, 1e-5);
  },
);

test.each<[string, Case]>([
  ["few rows", { rows: 80 }],
  ["narrow parts", { sizes: [32, 160] }],
  ["parts of the rows", { axis: 0 }],
  ["addends of their own for each row", { bias: [400, 192] }],
  ["products that something else reads", { isShared: true }],
])("%s stay one product", (_, given) => {
  const graph = graphOf(given);
  expect(splitProducts(graph)).toBe(graph);
});
