import { expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { nodeCpu, Program } from "../../runtime/index.node.ts";
import { gradients } from "../autodiff.ts";
import { instanceNorm, multiply, reduceSum } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { elementCount, type Tensor, type Tensors } from "../tensor.ts";
import { shareStatistics } from "./shared-statistics.ts";

const backend = await nodeCpu();
const plain = { ...backend, lower: (graph: Graph) => graph };
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
  const stream = randomStream(3, "statistics");
  const feeds: Tensors = new Map(
    [...graph.inputs.values()].map((input): [string, Tensor] => [
      input.name,
      {
        dtype: "float32",
        shape: input.shape,
        data: Float32Array.from({ length: elementCount(input.shape) }, () => 3 + stream.normal()),
      },
    ]),
  );
  const [found, expected] = await Promise.all(
    [backend, plain].map(async (each) => (await Program.compile(graph, each)).run(feeds, new Map())),
  );
  expect([...found!.keys()]).toEqual(["y", "d x", "d scale", "d bias"]);
  for (const [name, tensor] of expected!) {
    const data = found!.get(name)!.data as Float32Array;
    (tensor.data as Float32Array).forEach((value, i) =>
      expect(Math.abs(data[i]! - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value))),
    );
  }
});

test("a normalization without a gradient keeps the kernel of the engine", () => {
  expect(types(shareStatistics(graphOf(false)))).toEqual(["InstanceNormalization"]);
});
