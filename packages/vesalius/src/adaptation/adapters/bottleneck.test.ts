import { expect, test } from "vitest";
import { initializeParameters, type Tensors } from "../../graph/index.ts";
import { expectClose, expectReference, readFixture, runGraph } from "../../testing/reference.node.ts";
import { bertFixtureGraph } from "./bert-fixture.test.helper.ts";
import { applyBottleneckAdapters, bottleneckSchema } from "./bottleneck.ts";

const houlsby = bottleneckSchema.parse({ targets: ["output.dense"], reductionFactor: 4 });
const pfeiffer = bottleneckSchema.parse({
  placement: "pfeiffer",
  targets: ["output.LayerNorm"],
  except: ["attention.output.LayerNorm"],
  reductionFactor: 4,
  activation: "relu",
});

test.each([
  ["adapter_houlsby_bert", houlsby, 4],
  ["adapter_pfeiffer_bert", pfeiffer, 2],
] as const)("reproduces AdapterHub's %s: outputs, loss and adapter gradients", async (name, config, count) => {
  const fixture = await readFixture(`adaptation/${name}`);
  const { graph: base, feeds } = bertFixtureGraph(fixture, "firstToken");
  const { graph, modules, parameters } = applyBottleneckAdapters(base, config);
  expect(modules.length).toBe(count);
  expect(parameters.length).toBe(4 * count);
  await expectReference(graph, fixture, { feeds, outputs: ["hidden_layer_1", "last_hidden_state", "logits"] });
});

test.each([houlsby, pfeiffer])("an adapted graph starts out equal to its base: $placement", async (config) => {
  const { graph: base, feeds: inputs } = bertFixtureGraph(
    await readFixture("adaptation/adapter_houlsby_bert"),
    "firstToken",
  );
  const { graph } = applyBottleneckAdapters(base, config);
  const feeds: Tensors = new Map([...initializeParameters(graph, 5), ...inputs]);
  const [before, after] = [await runGraph(base, feeds), await runGraph(graph, feeds)];
  expectClose(after.get("logits")!, before.get("logits")!, 0, 1e-5, "logits");
});

test("a target without a match is refused with what there is", async () => {
  const { graph } = bertFixtureGraph(await readFixture("adaptation/adapter_houlsby_bert"), "firstToken");
  expect(() => applyBottleneckAdapters(graph, { ...houlsby, targets: ["output.dense", "mlp.fc2"] })).toThrow(
    /no linear layer: mlp\.fc2[\s\S]*attention\.self\.query/,
  );
  expect(() => applyBottleneckAdapters(graph, { ...pfeiffer, targets: ["norm2"] })).toThrow(/no layer normalization/);
});
