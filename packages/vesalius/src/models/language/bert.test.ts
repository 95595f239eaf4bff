import { expect, test } from "vitest";
import { add, crossEntropy, Graph, multiply, reduceMean } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import {
  bertConfigFromHuggingFace,
  bertConfigToHuggingFace,
  bertLayers,
  bertMaskedLanguageHead,
  bertNextSentenceHead,
  bertPooler,
} from "./bert.ts";
import { tokenLoss } from "../layers/language-modelling.ts";

test("reproduces BertForMaskedLM: every layer, attention, loss and every gradient", async () => {
  const fixture = await readFixture("model/bert_mlm");
  const config = bertConfigFromHuggingFace(fixture.description.config);
  const graph = new Graph("bert");
  const { values, feeds } = fixtureInputs(graph, fixture, ["attention_mask"]);
  const { hidden, attentions } = bertLayers(
    { tokens: values("input_ids"), segments: values("token_type_ids"), mask: values("attention_mask") },
    config,
  );
  graph.output("embedding_output", hidden[0]!);
  graph.output("hidden_layer_1", hidden[1]!);
  graph.output("last_hidden_state", hidden[2]!);
  graph.output("attention_probs_layer_1", attentions[0]!);
  const logits = graph.output("logits", bertMaskedLanguageHead(hidden[2]!, config));
  graph.output("loss", tokenLoss(logits, values("labels")));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["logits", "embedding_output", "hidden_layer_1", "last_hidden_state", "attention_probs_layer_1"],
  });
});

test("reproduces BertForPreTraining: both heads, loss and every gradient", async () => {
  const fixture = await readFixture("model/bert_nsp");
  const config = bertConfigFromHuggingFace(fixture.description.config);
  const graph = new Graph("bert");
  const { values, feeds } = fixtureInputs(graph, fixture, ["attention_mask"]);
  const { hidden } = bertLayers(
    { tokens: values("input_ids"), segments: values("token_type_ids"), mask: values("attention_mask") },
    config,
  );
  graph.output("hidden_layer_1", hidden[1]!);
  const last = graph.output("last_hidden_state", hidden[2]!);
  const pooled = graph.output("pooler_output", bertPooler(last, config));
  const words = graph.output("prediction_logits", bertMaskedLanguageHead(last, config));
  const order = graph.output("seq_relationship_logits", bertNextSentenceHead(pooled));
  graph.output("loss", add(tokenLoss(words, values("labels")), crossEntropy(order, values("next_sentence_label"))));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["prediction_logits", "seq_relationship_logits", "hidden_layer_1", "last_hidden_state", "pooler_output"],
  });
});

test.each(["bert_relative_key", "bert_relative_key_query"])(
  "reproduces %s: vectors of distances, an output layer of its own, other activations",
  async (name) => {
    const fixture = await readFixture(`model/${name}`);
    const config = bertConfigFromHuggingFace(fixture.description.config);
    expect(bertConfigFromHuggingFace(bertConfigToHuggingFace(config))).toEqual(config);
    const graph = new Graph("bert");
    const { values, feeds } = fixtureInputs(graph, fixture, ["attention_mask"]);
    const { hidden } = bertLayers({ tokens: values("input_ids"), mask: values("attention_mask") }, config);
    const logits = graph.output("logits", bertMaskedLanguageHead(hidden.at(-1)!, config));
    graph.output("loss", reduceMean(multiply(logits, values("probe")), undefined, { keepDimensions: false }));
    await expectReference(graph, fixture, { feeds, outputs: ["logits"] });
  },
);

test("a config.json of another architecture is refused with its reasons", async () => {
  const { config } = (await readFixture("model/bert_mlm")).description;
  expect(() => bertConfigFromHuggingFace({ ...config, position_embedding_type: "rotary" })).toThrow(
    /no BERT[\s\S]*position_embedding_type/,
  );
  expect(() => bertConfigFromHuggingFace({ vocab_size: 3 })).toThrow(/hidden_size/);
  expect(() => bertConfigFromHuggingFace({ ...config, model_type: "roberta" })).toThrow(/model_type is "roberta"/);
  expect(() => bertConfigFromHuggingFace({ ...config, architectures: ["NewForMaskedLM"] })).toThrow(/NewForMaskedLM/);
  expect(() => bertConfigFromHuggingFace({ ...config, embedding_size: 16 })).toThrow(/not supported: embedding_size/);
  expect(() => bertConfigFromHuggingFace({ ...config, pruned_heads: { 0: [1] } })).toThrow(/pruned_heads/);
  expect(bertConfigFromHuggingFace({ ...config, pruned_heads: {}, hidden_act: "gelu_new" }).activation).toBe(
    "geluTanh",
  );
});
