import { expect, test } from "vitest";
import { expectSameLowered } from "../../testing/lowered.node.ts";
import { gradients } from "../autodiff.ts";
import { gelu, instanceNorm, multiply, reduceSum } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { shareWithGradient } from "./shared-with-gradient.ts";

const shape = [2, 9, 25, 30];

/** An operator on `x` and on parameters of nine elements, and the gradients of its weighted sum by all of them. */
function graphOf(result: (x: Value, ...parameters: Value[]) => Value, parameters: readonly string[], isTrained = true) {
  const graph = new Graph("shared");
  const inputs = [
    graph.input("x", "float32", shape),
    ...parameters.map((name) => graph.input(name, "float32", [9])),
  ] as const;
  const y = result(...inputs);
  graph.output("y", y);
  if (isTrained) {
    const loss = reduceSum(multiply(y, graph.input("weights", "float32", shape)));
    for (const [value, gradient] of gradients(loss, inputs)) graph.output(`d ${value.name}`, gradient);
  }
  return graph;
}

const normalized = (isTrained: boolean): Graph =>
  graphOf((x, scale, bias) => instanceNorm(x, scale, bias), ["scale", "bias"], isTrained);

const count = (graph: Graph, type: string): number => graph.nodes.filter((node) => node.type === type).length;

test("a normalization and its gradient give the same numbers with shared statistics", async () => {
  const graph = normalized(true);
  expect(count(shareWithGradient(graph), "InstanceNormalization")).toBe(0);
  // A mean unlike zero would show in statistics that are not centred.
  await expectSameLowered(graph, 5e-5, 5e-5, (stream) => 3 + stream.normal());
});

test("a GELU and its gradient give the same numbers with a shared error function", async () => {
  const graph = graphOf((x) => gelu(x), []);
  const shared = shareWithGradient(graph);
  expect([count(shared, "Gelu"), count(shared, "Erf")]).toEqual([0, 1]);
  await expectSameLowered(graph, 1e-5, 1e-6, (stream) => 3 * stream.normal());
});

test.each<[string, Graph, string]>([
  ["a normalization without a gradient", normalized(false), "InstanceNormalization"],
  ["a GELU without a gradient", graphOf((x) => gelu(x), [], false), "Gelu"],
  ["a GELU by tanh", graphOf((x) => gelu(x, "tanh"), []), "Gelu"],
])("%s keeps the kernel of the engine", (_, graph, type) => {
  expect(shareWithGradient(graph)).toBe(graph);
  expect(count(graph, type)).toBe(1);
});
