import { expect, test } from "vitest";
import type { Tensors } from "../../graph/index.ts";
import { expectClose, expectReference, readFixture, runGraph } from "../../testing/reference.node.ts";
import { bertFixtureGraph } from "./bert-fixture.test.helper.ts";
import { applyIa3 } from "./ia3.ts";

const config = { targets: ["key", "value", "output.dense"], feedForward: ["output.dense"] };

/** PEFT's name of a parameter as the graph has it; the replaced classifier gets a name that no graph has. */
const plainName = (name: string): string =>
  name.includes("original_module")
    ? `unused ${name}`
    : name.replace("base_model.model.", "").replace("modules_to_save.", "").replace(".default", "");

test("reproduces PEFT's (IA)3 on BERT: outputs, loss and the gradients of the factors", async () => {
  const fixture = await readFixture("adaptation/ia3_peft_bert");
  const { graph: base, feeds } = bertFixtureGraph(fixture, "pooled");
  const { graph, modules } = applyIa3(base, config);
  expect(modules.filter(({ on }) => on === "input").length).toBe(4);
  expect(modules.filter(({ on }) => on === "result").length).toBe(4);
  await expectReference(graph, fixture, { feeds, outputs: ["last_hidden_state", "logits"], parameter: plainName });
});

test("merged weights give the rescaled outputs without any factors", async () => {
  const fixture = await readFixture("adaptation/ia3_peft_bert");
  const { graph: base, feeds } = bertFixtureGraph(fixture, "pooled");
  const adapted = applyIa3(base, config);
  const weights: Tensors = new Map([...fixture.weights].map(([name, tensor]) => [plainName(name), tensor]));
  const merged = await runGraph(adapted.merge!, weights);
  for (const [name, tensor] of merged) weights.set(name.replace(".merged", ""), tensor);
  const results = await runGraph(base, new Map([...weights, ...feeds]));
  expectClose(results.get("logits")!, fixture.outputs.get("logits")!, 1e-4, 1e-5, "logits");
});

test("a target without a match is refused", async () => {
  const { graph } = bertFixtureGraph(await readFixture("adaptation/ia3_peft_bert"), "pooled");
  expect(() => applyIa3(graph, { targets: ["key", "k_proj"], feedForward: [] })).toThrow(/no linear layer: k_proj/);
});
