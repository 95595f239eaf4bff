import { expect, test } from "vitest";
import { expectSameLowered } from "../../testing/lowered.node.ts";
import { gradients } from "../autodiff.ts";
import { instanceNorm, multiply, reduceSum } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { shareStatistics } from "./shared-statistics.ts";

const shape = [2, 9, 25, 30];

function graphOf(isTrained: boolean): Graph {
  const graph = new Graph("normalization");
  const x = graph.input("x", "float32", shape);
  const [scale, bias] = ["scale", "bias"].map((name) => graph.input(name, "float32", [9]));
  const y = instanceNorm(x, scale!, bias!);
  graph.output("y", y);
  if (isTrained) {
    const loss = reduceSum(multiply(y, graph.input("weights", "float32", shape)));
    const given = gradients(loss, [x, scale!, bias!]);
    for (const [value, gradient] of given) graph.output(`d ${value.name}`, gradient);
  }
  return graph;
}

const types = (graph: Graph): string[] => graph.nodes.map(({ type }) => type);

test("a normalization and its gradient give the same numbers with shared statistics", async () => {
  const graph = graphOf(true);
  expect(types(shareStatistics(graph))).not.toContain("InstanceNormalization");
  // A mean unlike zero would show in statistics that are not centred.
  await expectSameLowered(graph, 5e-5, 5e-5, (stream) => 3 + stream.normal());
});

test("a normalization without a gradient keeps the kernel of the engine", () => {
  expect(types(shareStatistics(graphOf(false)))).toEqual(["InstanceNormalization"]);
});
