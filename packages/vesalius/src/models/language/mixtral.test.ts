import * as fc from "fast-check";
import { expect, test } from "vitest";
import { add, float32, Graph, meanSquaredError, multiply } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture, runGraph } from "../../testing/reference.node.ts";
import { tokenLoss } from "../layers/language-modelling.ts";
import { largestEntries, mixtureOfExperts } from "../layers/mixture-of-experts.ts";
import { gatedFeedForward } from "./llama.ts";
import { mixtral, mixtralConfigFromHuggingFace } from "./mixtral.ts";

test("reproduces MixtralForCausalLM: routing, balance, loss and every gradient", async () => {
  const fixture = await readFixture("model/mixtral");
  const config = mixtralConfigFromHuggingFace(fixture.description.config);
  const graph = new Graph("mixtral");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { hidden, routing, logits, balance } = mixtral({ tokens: values("input_ids") }, config);
  graph.output("hidden_layer_1", hidden[1]!);
  routing.forEach(({ routerLogits }, i) => graph.output(`router_logits_${i}`, routerLogits));
  graph.output("logits", logits);
  graph.output("aux_loss", balance);
  graph.output("loss", add(tokenLoss(logits, values("labels"), { shift: true }), multiply(balance, 0.02)));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["logits", "hidden_layer_1", "router_logits_0", "router_logits_1", "aux_loss"],
  });
});

test("reproduces Mistral's mixture-of-experts layer: output, router, loss and every gradient", async () => {
  const fixture = await readFixture("model/moe_layer");
  const graph = new Graph("experts");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { output, routerLogits } = mixtureOfExperts(values("inputs"), "gate", { experts: 4, perToken: 2 }, (x, i) =>
    gatedFeedForward(x, [`experts.${i}.w1`, `experts.${i}.w2`, `experts.${i}.w3`], 24),
  );
  graph.output("output", output);
  graph.output("gate_logits", routerLogits);
  graph.output("loss", meanSquaredError(output, values("target")));
  await expectReference(graph, fixture, { feeds, outputs: ["output", "gate_logits"] });
});

test("exactly the largest entries are chosen, the first ones among equals", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(-1, 0, 0.5, 2), { minLength: 5, maxLength: 5 }),
      fc.integer({ min: 1, max: 5 }),
      async (row, count) => {
        const graph = new Graph("choice");
        graph.output("chosen", largestEntries(graph.input("scores", "float32", [1, 5]), count));
        const result = (await runGraph(graph, new Map([["scores", float32([1, 5], row)]]))).get("chosen")!;
        const order = row.map((value, i) => ({ value, i })).sort((a, b) => b.value - a.value || a.i - b.i);
        const expected = new Float32Array(5);
        for (const { i } of order.slice(0, count)) expected[i] = 1;
        expect(result.data).toEqual(expected);
      },
    ),
    { numRuns: 15 },
  );
});

test("more experts for a token than there are is refused", () => {
  const graph = new Graph("experts");
  const x = graph.input("x", "float32", [2, 4]);
  expect(() => mixtureOfExperts(x, "gate", { experts: 2, perToken: 3 }, (tokens) => tokens)).toThrow(/only 2 experts/);
});
