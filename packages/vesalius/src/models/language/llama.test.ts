import { describe, expect, test } from "vitest";
import { Graph, multiply, reduceMean, reshape } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { tokenLoss } from "../layers/language-modelling.ts";
import { llama, llamaConfigFromHuggingFace, llamaConfigSchema, llamaConfigToHuggingFace } from "./llama.ts";
import { mixtralConfigFromHuggingFace } from "./mixtral.ts";

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

describe("transformers' decoders of one kind, with padding in front", () => {
  test.each([
    "llama_rope_llama3",
    "llama_rope_linear",
    "llama_rope_dynamic",
    "llama_rope_yarn",
    "llama_rope_longrope",
    "mistral_window",
    "qwen2_window",
    "qwen3",
  ])("%s: logits, also of padding, loss and every gradient", async (name) => {
    const fixture = await readFixture(`model/${name}`);
    const config = llamaConfigFromHuggingFace(fixture.description.config);
    expect(llamaConfigFromHuggingFace(llamaConfigToHuggingFace(config))).toEqual(config);
    const graph = new Graph("llama");
    const { values, feeds } = fixtureInputs(graph, fixture, ["attention_mask"]);
    // Dynamic scaling follows from the length of the text, which positions that are given do not tell.
    const positions = config.rotaryScaling?.kind === "dynamic" ? {} : { positions: values("position_ids") };
    const { logits } = llama({ tokens: values("input_ids"), mask: values("attention_mask"), ...positions }, config);
    graph.output("logits", logits);
    graph.output("loss", reduceMean(multiply(logits, values("probe")), undefined, { keepDimensions: false }));
    await expectReference(graph, fixture, { feeds, outputs: ["logits"] });
  });
});

describe("config.json", () => {
  const config = {
    vocab_size: 29,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 20,
    max_position_embeddings: 32,
    rms_norm_eps: 1e-5,
  };
  const read = (more: object) => llamaConfigFromHuggingFace({ ...config, ...more });

  test("of transformers 4 and 5 says the same, and what is missing is as in the class of the model", () => {
    expect(read({ rope_theta: 5e5 }).rotaryTheta).toBe(5e5);
    expect(read({ rope_parameters: { rope_theta: 5e5 } }).rotaryTheta).toBe(5e5);
    const factors = { low_freq_factor: 1, high_freq_factor: 4, factor: 8, original_max_position_embeddings: 16 };
    const current = read({ rope_parameters: { rope_type: "llama3", rope_theta: 5e5, ...factors } });
    expect(current.rotaryScaling?.kind).toBe("llama3");
    expect(read({ rope_theta: 5e5, rope_scaling: { type: "llama3", ...factors } })).toEqual(current);
    expect(read({ rope_scaling: { type: "su", short_factor: [1, 1], long_factor: [2, 2] } }).rotaryScaling).toEqual({
      kind: "longrope",
      shortFactors: [1, 1],
      longFactors: [2, 2],
      originalPositions: 32,
      attentionFactor: 1,
    });
    expect(read({}).keyValueHeads).toBeUndefined();
    expect(read({ model_type: "mistral" })).toMatchObject({ keyValueHeads: 8, window: 4096 });
    expect(read({ architectures: ["Qwen2ForCausalLM"] })).toMatchObject({ attentionBias: "input", keyValueHeads: 32 });
    expect(read({ model_type: "qwen3" })).toMatchObject({ queryKeyNorm: true, headWidth: 128 });
    expect(read({ pad_token_id: -1 }).paddingToken).toBe(28);
    expect(mixtralConfigFromHuggingFace({ ...config, model_type: "mixtral" }).rotaryTheta).toBe(1e6);
  });

  test.each([
    [{ model_type: "gemma" }, /model_type is "gemma"/],
    [{ model_type: "llama", architectures: ["OpenELMForCausalLM"] }, /architectures are "OpenELMForCausalLM"/],
    [{ logit_softcap: 30 }, /not supported: logit_softcap/],
    [{ hidden_act: "xielu" }, /activation "xielu" is not supported/],
    [{ sliding_window: 4096 }, /sliding_window/],
    [{ rope_scaling: { rope_type: "mrope", mrope_section: [1, 1] } }, /type "mrope" of rotary positions/],
    [{ rope_scaling: { type: "linear", rope_type: "yarn", factor: 2 } }, /contradict/],
    [{ rope_scaling: { type: "linear", factor: 2, finetuned: true } }, /finetuned/],
    [{ rope_scaling: { type: "linear" } }, /rope_scaling\.factor/],
    [{ rope_parameters: { full_attention: { rope_type: "default" } } }, /full_attention/],
    [{ rope_scaling: { type: "linear", factor: 2 }, rope_parameters: { rope_type: "default" } }, /contradict/],
    [{ model_type: "mistral", layer_types: ["full_attention", "sliding_attention"] }, /layer_types/],
    [{ quantization_config: { bits: 4 } }, /quantization_config/],
  ])("%o is refused by name", (more, message) => {
    expect(() => read(more)).toThrow(message);
  });
});
