import { crossEntropy, Graph, select, type Tensors } from "../../graph/index.ts";
import { bertClassifier, bertConfigSchema, bertLayers, bertPooler, linearLayer } from "../../models/index.ts";
import { type Fixture, fixtureInputs } from "../../testing/reference.node.ts";

/**
 * The BERT of the adapter fixtures with outputs `hidden_layer_1`, `last_hidden_state`, `logits` and `loss`, and what
 * feeds it.
 *
 * @param head `pooled` as in transformers, or `firstToken` as in AdapterHub
 */
export function bertFixtureGraph(
  fixture: Fixture,
  head: "pooled" | "firstToken",
): { readonly graph: Graph; readonly feeds: Tensors } {
  const config = bertConfigSchema.parse({
    vocabularySize: 50,
    width: 32,
    depth: 2,
    heads: 4,
    hiddenWidth: 48,
    maximumPositions: 16,
  });
  const graph = new Graph("bert");
  const { values, feeds } = fixtureInputs(graph, fixture, ["attention_mask"]);
  const { hidden } = bertLayers({ tokens: values("input_ids"), mask: values("attention_mask") }, config);
  graph.output("hidden_layer_1", hidden[1]!);
  const last = graph.output("last_hidden_state", hidden[2]!);
  const logits =
    head === "pooled"
      ? bertClassifier(bertPooler(last, config), 3)
      : linearLayer(select(last, 1, 0), "heads.task.1", 3);
  graph.output("logits", logits);
  graph.output("loss", crossEntropy(logits, values("labels")));
  return { graph, feeds };
}
