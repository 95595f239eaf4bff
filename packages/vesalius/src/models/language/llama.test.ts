import { expect, test } from "vitest";
import { Graph, multiply, reshape } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { tokenLoss } from "../layers/language-modelling.ts";
import { llama, llamaConfigFromHuggingFace, llamaConfigSchema } from "./llama.ts";

test("reproduces llama2.c: interleaved rotary positions, grouped queries, loss and every gradient", async () => {
  const fixture = await readFixture("model/llama");
  const config = llamaConfigSchema.parse({
    vocabularySize: 64,
    width: 32,
    depth: 2,
    heads: 4,
    keyValueHeads: 2,
    hiddenWidth: 96,
    maximumPositions: 16,
    epsilon: 1e-5,
    tiedOutput: true,
    checkpoint: "meta",
  });
  const graph = new Graph("llama");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { hidden, attended, final, logits } = llama({ tokens: values("tokens") }, config);
  graph.output("layer_0_attention_output", attended[0]!);
  graph.output("layer_0_output", hidden[1]!);
  graph.output("norm_output", final);
  graph.output("logits", logits);
  graph.output("loss", tokenLoss(logits, values("targets"), { ignoreIndex: -1 }));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["logits", "layer_0_attention_output", "layer_0_output", "norm_output"],
  });
});

test("reproduces LlamaForCausalLM with left padding: hidden states, loss and every gradient", async () => {
  const fixture = await readFixture("model/llama_hf");
  const config = llamaConfigFromHuggingFace(fixture.description.config);
  const graph = new Graph("llama");
  const { values, feeds } = fixtureInputs(graph, fixture, ["attention_mask"]);
  const mask = values("attention_mask");
  const { hidden, logits } = llama({ tokens: values("input_ids"), mask, positions: values("position_ids") }, config);
  // The reference holds zeros where there is padding.
  const tokensOnly = reshape(mask, [2, 12, 1]);
  graph.output("hidden_layer_1", multiply(hidden[1]!, tokensOnly));
  graph.output("logits", multiply(logits, tokensOnly));
  graph.output("loss", tokenLoss(logits, values("labels"), { shift: true }));
  await expectReference(graph, fixture, { feeds, outputs: ["logits", "hidden_layer_1"] });
});

test("scaled rotary positions, which are not built, are refused", async () => {
  const { config } = (await readFixture("model/llama_hf")).description;
  const old = llamaConfigFromHuggingFace({ ...config, rope_theta: 500_000 });
  const named = llamaConfigFromHuggingFace({
    ...config,
    rope_theta: undefined,
    rope_parameters: { rope_theta: 500_000 },
  });
  expect([old.rotaryTheta, named.rotaryTheta]).toEqual([500_000, 500_000]);
  const scaled = { rope_type: "llama3", rope_theta: 500_000, factor: 8, low_freq_factor: 1 };
  expect(() => llamaConfigFromHuggingFace({ ...config, rope_parameters: scaled })).toThrow(/rope_type|rope_parameters/);
  expect(() => llamaConfigFromHuggingFace({ ...config, model_type: "gemma" })).toThrow(/model_type is "gemma"/);
  expect(() => llamaConfigFromHuggingFace({ ...config, head_dim: 3 })).toThrow(/head_dim/);
  expect(() => llamaConfigFromHuggingFace({ ...config, logit_softcap: 30 })).toThrow(/not supported: logit_softcap/);
  expect(() => llamaConfigFromHuggingFace({ ...config, rope_scaling: { type: "linear", factor: 2 } })).toThrow(
    /no LLaMA[\s\S]*rope_scaling/,
  );
});
