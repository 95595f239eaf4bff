import { expect, test } from "vitest";
import { expectSameLowered } from "../../testing/lowered.node.ts";
import { convolutionTranspose, type ConvolutionTransposeOptions } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { enlargeVolumesByProducts } from "./volume-upsampling.ts";

function graphOf(kernel: readonly number[], options: ConvolutionTransposeOptions, bias = true): Graph {
  const graph = new Graph("larger");
  const x = graph.input("x", "float32", [2, 4, ...kernel.map((_, i) => 3 + i)]);
  const weight = graph.input("weight", "float32", [4 / (options.groups ?? 1), 6, ...kernel].with(0, 4));
  const out = 6 * (options.groups ?? 1);
  graph.output("y", convolutionTranspose(x, weight, bias ? graph.input("bias", "float32", [out]) : undefined, options));
  return graph;
}

test.each<[readonly number[], boolean]>([
  [[2, 2, 2], true],
  [[2, 2, 2], false],
  [[1, 2, 2], true],
  [[3, 2, 2], true],
])("volumes enlarged by a kernel of %j as products are the same (with bias: %s)", async (kernel, bias) => {
  const graph = graphOf(kernel, { stride: kernel }, bias);
  expect(enlargeVolumesByProducts(graph).nodes.map(({ type }) => type)).toContain("MatMul");
  await expectSameLowered(graph, 0, 5e-5);
});

test.each<[string, readonly number[], ConvolutionTransposeOptions]>([
  ["images", [2, 2], { stride: 2 }],
  ["windows that overlap", [3, 3, 3], { stride: 2 }],
  ["windows with gaps", [2, 2, 2], { stride: 3 }],
  ["padding", [2, 2, 2], { stride: 2, padding: 1 }],
  ["elements behind the result", [2, 2, 2], { stride: 2, outputPadding: 1 }],
  ["groups", [2, 2, 2], { stride: 2, groups: 2 }],
])("%s stay with the kernel of the engine", (_, kernel, options) => {
  const graph = graphOf(kernel, options);
  expect(enlargeVolumesByProducts(graph)).toBe(graph);
});
