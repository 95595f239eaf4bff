import { expect, test } from "vitest";
import { Graph, initializeParameters, type Tensors } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture, runGraph } from "../../testing/reference.node.ts";
import { gpt2, gpt2ConfigFromHuggingFace, gpt2ConfigSchema, gpt2Layers } from "./gpt2.ts";
import { tokenLoss } from "../layers/language-modelling.ts";

test("reproduces nanoGPT: blocks, logits, loss and every gradient", async () => {
  const fixture = await readFixture("model/gpt2_nanogpt");
  const config = gpt2ConfigSchema.parse({
    vocabularySize: 65,
    contextLength: 16,
    width: 32,
    depth: 2,
    heads: 4,
    gelu: "none",
  });
  const graph = new Graph("gpt");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { hidden, final, logits } = gpt2Layers(values("idx"), config);
  graph.output("block_0_output", hidden[1]!);
  graph.output("ln_f_output", final);
  graph.output("logits", logits);
  graph.output("loss", tokenLoss(logits, values("targets"), { ignoreIndex: -1 }));
  await expectReference(graph, fixture, { feeds, outputs: ["logits", "block_0_output", "ln_f_output"] });
});

test("reproduces GPT2LMHeadModel with right padding: hidden states, logits, loss and every gradient", async () => {
  const fixture = await readFixture("model/gpt2_hf");
  const config = gpt2ConfigFromHuggingFace(fixture.description.config);
  const graph = new Graph("gpt");
  const { values, feeds } = fixtureInputs(graph, fixture, ["attention_mask"]);
  const { hidden, final, logits } = gpt2Layers(values("input_ids"), config, values("attention_mask"));
  graph.output("hidden_layer_1", hidden[1]!);
  graph.output("last_hidden_state", final);
  graph.output("logits", logits);
  graph.output("loss", tokenLoss(logits, values("labels"), { shift: true }));
  await expectReference(graph, fixture, { feeds, outputs: ["logits", "hidden_layer_1", "last_hidden_state"] });
});

test("a token does not change the logits before it", async () => {
  const config = gpt2ConfigSchema.parse({
    vocabularySize: 11,
    contextLength: 6,
    width: 8,
    depth: 2,
    heads: 2,
    bias: false,
  });
  const graph = new Graph("gpt");
  graph.output("logits", gpt2(graph.input("tokens", "int32", [1, 6]), config));
  expect([...graph.parameters.keys()].filter((name) => name.endsWith(".bias"))).toEqual([]);
  const weights = initializeParameters(graph, 1);
  const run = async (tokens: readonly number[]) => {
    const feeds: Tensors = new Map([
      ...weights,
      ["tokens", { dtype: "int32" as const, shape: [1, 6], data: Int32Array.from(tokens) }],
    ]);
    return (await runGraph(graph, feeds)).get("logits")!.data as Float32Array;
  };
  const [a, b] = [await run([1, 2, 3, 4, 5, 6]), await run([1, 2, 3, 4, 9, 6])];
  for (let i = 0; i < 44; i++) expect(b[i]).toBe(a[i]);
  expect(b.slice(44, 55)).not.toEqual(a.slice(44, 55));
});
