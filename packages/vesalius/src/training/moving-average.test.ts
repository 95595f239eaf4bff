import { expect, test } from "vitest";
import { Graph, type Tensor, type Tensors } from "../graph/index.ts";
import { expectClose, readFixture, runGraph } from "../testing/reference.node.ts";
import { movingAverage } from "./moving-average.ts";

test("follows timm's average of a model over its steps", async () => {
  const tensors = (await readFixture("schedule/ema")).files.get("tensors")!;
  const names = [...tensors.keys()]
    .filter((name) => name.startsWith("step0.ema.") && tensors.get(name)!.dtype === "float32")
    .map((name) => name.slice("step0.ema.".length));
  expect(names).toContain("1.running_var");
  const at = (step: number, kind: string, name: string): Tensor => tensors.get(`step${step}.${kind}.${name}`)!;
  const graph = new Graph("average");
  const decay = graph.input("decay", "float32", []);
  for (const name of names) {
    const { shape } = at(0, "ema", name);
    const average = graph.input(`average ${name}`, "float32", shape);
    graph.output(name, movingAverage(average, graph.input(`model ${name}`, "float32", shape), decay));
  }
  let averages: Tensors = new Map(names.map((name) => [name, at(0, "ema", name)]));
  for (let step = 1; step <= 4; step++) {
    const feeds: Tensors = new Map([["decay", { dtype: "float32", shape: [], data: Float32Array.of(0.9) }]]);
    for (const name of names) {
      feeds.set(`average ${name}`, averages.get(name)!);
      feeds.set(`model ${name}`, at(step, "model", name));
    }
    averages = await runGraph(graph, feeds);
    for (const name of names)
      expectClose(averages.get(name)!, at(step, "ema", name), 1e-6, 1e-8, `${name} after step ${step}`);
  }
});
