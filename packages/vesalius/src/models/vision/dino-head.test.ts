import { expect, test } from "vitest";
import { Graph, logSoftmax, multiply, negate, reduceMean, reduceSum } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { dinoHead } from "./dino-head.ts";

test("reproduces DINOv2's head: bottleneck, logits, loss and every gradient", async () => {
  const fixture = await readFixture("model/dino_head");
  const graph = new Graph("head");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const config = { prototypes: 20, layers: 3, hiddenWidth: 16, bottleneckWidth: 8 };
  const { bottleneck, logits } = dinoHead(values("features"), config);
  graph.output("bottleneck", bottleneck);
  graph.output("logits", logits);
  const student = logSoftmax(multiply(logits, 10));
  const perSample = negate(reduceSum(multiply(values("target"), student), [1]));
  graph.output("loss", reduceMean(perSample, undefined, { keepDimensions: false }));
  await expectReference(graph, fixture, { feeds, outputs: ["bottleneck", "logits"] });
});

test("a head of one layer goes to the bottleneck at once", () => {
  const graph = new Graph("head");
  dinoHead(
    graph.input("features", "float32", [2, 6]),
    { prototypes: 5, layers: 1, hiddenWidth: 16, bottleneckWidth: 4 },
    "dino_head.",
  );
  expect(graph.parameters.get("dino_head.mlp.weight")!.shape).toEqual([4, 6]);
});

test("with batch normalization the layers have the numbers of the original, and statistics follow the batch", () => {
  const graph = new Graph("head");
  const config = { prototypes: 5, layers: 3, hiddenWidth: 4, bottleneckWidth: 2, batchNorm: true, bias: false };
  dinoHead(graph.input("features", "float32", [3, 6]), config, "", { training: true });
  expect([...graph.parameters.keys()].filter((name) => name.endsWith("weight"))).toEqual([
    "mlp.0.weight",
    "mlp.1.weight",
    "mlp.3.weight",
    "mlp.4.weight",
    "mlp.6.weight",
  ]);
  expect(graph.parameters.has("mlp.0.bias")).toBe(false);
  expect([...graph.outputs.keys()]).toContain("mlp.4.running_mean.next");
});
