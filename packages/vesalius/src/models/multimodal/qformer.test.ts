import { test } from "vitest";
import { Graph, meanSquaredError } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { qformer, qformerConfigFromHuggingFace } from "./qformer.ts";

test("reproduces BLIP-2's Q-Former with an image mask: hidden states, loss and every gradient", async () => {
  const fixture = await readFixture("model/qformer");
  const config = qformerConfigFromHuggingFace(fixture.description.config, 5);
  const graph = new Graph("qformer");
  const { values, feeds } = fixtureInputs(graph, fixture, ["image_attention_mask"]);
  const hidden = qformer(values("image_embeds"), config, values("image_attention_mask"));
  graph.output("hidden_layer_1", hidden[1]!);
  const last = graph.output("last_hidden_state", hidden.at(-1)!);
  graph.output("loss", meanSquaredError(last, values("target")));
  await expectReference(graph, fixture, { feeds, outputs: ["last_hidden_state", "hidden_layer_1"] });
});
