import { expect, test } from "vitest";
import { expectSameLowered } from "../../testing/lowered.node.ts";
import { int } from "../attributes.ts";
import { gradients } from "../autodiff.ts";
import { emit } from "../emit.ts";
import { add, gelu, layerNorm, linear, multiply, reduceSum } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { flattenRows } from "./flat-rows.ts";

const reshapes = (graph: Graph): number => graph.nodes.filter(({ type }) => type === "Reshape").length;

/** A block of linear layers on `[2, 3, 8]` around what is given. */
function graphOf(between: (x: Value, graph: Graph) => Value): Graph {
  const graph = new Graph("block");
  const weight = (name: string): Value => graph.input(name, "float32", [8, 8]);
  const hidden = linear(graph.input("x", "float32", [2, 3, 8]), weight("first"));
  graph.output("y", linear(between(hidden, graph), weight("second")));
  return graph;
}

test("layers between matrix products compute on matrices and give the same numbers", async () => {
  const graph = graphOf((x) => gelu(add(x, 1)));
  expect(reshapes(graph)).toBe(4);
  expect(reshapes(flattenRows(graph))).toBe(2);
  await expectSameLowered(graph, 1e-5, 1e-5);
});

test.each([true, false])("a normalized residual block (bias: %s) and its gradients stay the same", async (hasBias) => {
  const graph = graphOf((x, inner) => {
    const [gate, scale] = [inner.input("gate", "float32", [2, 3, 1]), inner.input("scale", "float32", [8])];
    const bias = hasBias ? inner.input("bias", "float32", [8]) : undefined;
    return add(x, layerNorm(multiply(x, gate), scale, bias));
  });
  const inputs = [...graph.inputs.values()];
  for (const [value, gradient] of gradients(reduceSum(graph.result("y")), inputs))
    graph.output(`d ${value.name}`, gradient);
  expect(reshapes(flattenRows(graph))).toBeLessThan(reshapes(graph));
  await expectSameLowered(graph, 1e-4, 1e-4);
});

test.each<[string, (x: Value, graph: Graph) => Value]>([
  ["sums over other axes", (x) => add(x, reduceSum(x, [1]))],
  ["values that differ along one of the axes", (x, graph) => add(x, graph.input("positions", "float32", [3, 8]))],
  [
    "normalization over more than the rows",
    (x, graph) => emit("LayerNormalization", [x, graph.filled([3, 8], 2)], { axis: int(1) }),
  ],
])("%s keep their axes", async (_, between) => {
  const graph = graphOf(between);
  expect(reshapes(flattenRows(graph))).toBe(4);
  await expectSameLowered(graph, 1e-5, 1e-5);
});
