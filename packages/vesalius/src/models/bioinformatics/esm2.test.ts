import { test } from "vitest";
import { add, concat, Graph, multiply, reduceMean, unsqueeze } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { esm2, esm2ConfigSchema, esm2Contacts } from "./esm2.ts";
import { tokenLoss } from "../layers/language-modelling.ts";

test("reproduces ESM-2: representations, attentions, contacts, loss and every gradient", async () => {
  const fixture = await readFixture("model/esm2");
  const config = esm2ConfigSchema.parse({ width: 32, depth: 2, heads: 4 });
  const graph = new Graph("esm2");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const tokens = values("tokens");
  const { representations, attentions, logits } = esm2(tokens, config);
  graph.output("representation_0", representations[0]!);
  graph.output("representation_1", representations[1]!);
  graph.output("representation_last", representations[2]!);
  graph.output(
    "attentions",
    concat(
      attentions.map((map) => unsqueeze(map, [1])),
      1,
    ),
  );
  graph.output("logits", logits);
  const contacts = graph.output("contacts", esm2Contacts(tokens, attentions, config));
  const extra = multiply(reduceMean(contacts, undefined, { keepDimensions: false }), 0.1);
  graph.output("loss", add(tokenLoss(logits, values("labels")), extra));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["logits", "representation_0", "representation_1", "representation_last", "attentions", "contacts"],
  });
});
