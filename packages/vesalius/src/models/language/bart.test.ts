import { test } from "vitest";
import { Graph } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { bart, bartConfigFromHuggingFace } from "./bart.ts";
import { shiftTokensRight, tokenLoss } from "../layers/language-modelling.ts";

test("reproduces BartForConditionalGeneration: both stacks, loss and every gradient", async () => {
  const fixture = await readFixture("model/bart");
  const config = bartConfigFromHuggingFace(fixture.description.config);
  const graph = new Graph("bart");
  const { values, feeds } = fixtureInputs(graph, fixture, ["attention_mask"]);
  const { encoderHidden, encoded, decoderHidden, logits } = bart(
    {
      tokens: values("input_ids"),
      mask: values("attention_mask"),
      decoderTokens: shiftTokensRight(values("labels"), 2, 1),
    },
    config,
  );
  graph.output("encoder_embedding_output", encoderHidden[0]!);
  graph.output("encoder_last_hidden_state", encoded);
  graph.output("decoder_hidden_1", decoderHidden[1]!);
  graph.output("logits", logits);
  graph.output("loss", tokenLoss(logits, values("labels")));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["logits", "encoder_last_hidden_state", "encoder_embedding_output", "decoder_hidden_1"],
  });
});
