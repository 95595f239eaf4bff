import { expect, test } from "vitest";
import { Graph } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { shiftTokensRight, tokenLoss } from "../layers/language-modelling.ts";
import { t5, t5ConfigFromHuggingFace, t5ConfigSchema } from "./t5.ts";

test("reproduces T5ForConditionalGeneration: both stacks, loss and every gradient", async () => {
  const fixture = await readFixture("model/t5");
  const config = t5ConfigFromHuggingFace(fixture.description.config);
  const graph = new Graph("t5");
  const { values, feeds } = fixtureInputs(graph, fixture, ["attention_mask"]);
  const { encoderHidden, encoded, decoderHidden, logits } = t5(
    {
      tokens: values("input_ids"),
      mask: values("attention_mask"),
      decoderTokens: shiftTokensRight(values("labels"), 0, 0),
    },
    config,
  );
  graph.output("encoder_hidden_1", encoderHidden[1]!);
  graph.output("encoder_last_hidden_state", encoded);
  graph.output("decoder_hidden_1", decoderHidden[1]!);
  graph.output("logits", logits);
  graph.output("loss", tokenLoss(logits, values("labels")));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["logits", "encoder_last_hidden_state", "encoder_hidden_1", "decoder_hidden_1"],
  });
});

test("T5 1.1 has gated perceptrons and an output layer of its own", () => {
  const config = t5ConfigSchema.parse({
    vocabularySize: 10,
    width: 8,
    heads: 2,
    headWidth: 4,
    hiddenWidth: 6,
    encoderDepth: 1,
    decoderDepth: 1,
    feedForward: "gated-gelu",
    tiedOutput: false,
  });
  const graph = new Graph("t5");
  const tokens = graph.input("tokens", "int32", [1, 3]);
  const { logits } = t5({ tokens, decoderTokens: graph.input("decoder", "int32", [1, 2]) }, config);
  expect(logits.shape).toEqual([1, 2, 10]);
  expect(graph.parameters.get("lm_head.weight")!.shape).toEqual([10, 8]);
  expect(graph.parameters.get("encoder.block.0.layer.1.DenseReluDense.wi_1.weight")!.shape).toEqual([6, 8]);
});
