import { expect, test } from "vitest";
import { Graph, meanSquaredError } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { llavaProjector } from "./llava-projector.ts";

test("reproduces LLaVA's projector: output, loss and every gradient", async () => {
  const fixture = await readFixture("model/llava_projector");
  const graph = new Graph("projector");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const output = graph.output("output", llavaProjector(values("image_features"), 32));
  graph.output("loss", meanSquaredError(output, values("target")));
  await expectReference(graph, fixture, { feeds, outputs: ["output"] });
});

test("the names of a whole checkpoint", () => {
  const graph = new Graph("projector");
  llavaProjector(graph.input("x", "float32", [1, 2, 6]), 8, { layers: 3, prefix: "model.mm_projector." });
  expect([...graph.parameters.keys()].filter((name) => name.endsWith("weight"))).toEqual([
    "model.mm_projector.0.weight",
    "model.mm_projector.2.weight",
    "model.mm_projector.4.weight",
  ]);
});
