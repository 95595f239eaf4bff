import { expect, test } from "vitest";
import { crossEntropy, Graph, sigmoid, subtract, sum } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { elasticCellSimilarity, expressedLoss, maskedSquaredError } from "../layers/expression-losses.ts";
import { scgpt, scgptCellExpression, scgptClassifier, scgptConfigSchema, scgptExpression } from "./scgpt.ts";

const config = scgptConfigSchema.parse({
  vocabularySize: 30,
  width: 24,
  depth: 2,
  heads: 4,
  hiddenWidth: 32,
  paddingToken: 0,
  explicitZeros: true,
});

const outputs = ["mlm_output", "cell_emb", "cls_output", "mvc_output", "mlm_zero_probs", "mvc_zero_probs"];

test("reproduces scGPT: all heads and objectives, loss and every gradient", async () => {
  const fixture = await readFixture("model/scgpt");
  const graph = new Graph("scgpt");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const mask = subtract(graph.scalar(1), values("src_key_padding_mask"));
  const encoded = scgpt(values("src"), values("values"), config, mask);
  const masked = scgptExpression(encoded, config);
  const fromCell = scgptCellExpression(encoded, config);
  const classes = graph.output("cls_output", scgptClassifier(encoded, config, 4));
  graph.output("cell_emb", encoded.cell);
  graph.output("mlm_output", masked.values);
  graph.output("mvc_output", fromCell.values);
  graph.output("mlm_zero_probs", sigmoid(masked.expressedLogits!));
  graph.output("mvc_zero_probs", sigmoid(fromCell.expressedLogits!));
  const [target, places] = [values("target_values"), values("masked_positions")];
  const terms = {
    loss_mlm: maskedSquaredError(masked.values, target, places),
    loss_mlm_zero: expressedLoss(masked.expressedLogits!, target, places),
    loss_mvc: maskedSquaredError(fromCell.values, target, places),
    loss_mvc_zero: expressedLoss(fromCell.expressedLogits!, target, places),
    loss_cls: crossEntropy(classes, values("celltype_labels")),
    loss_ecs: elasticCellSimilarity(encoded.cell, 0.3),
  };
  for (const [name, term] of Object.entries(terms)) graph.output(name, term);
  graph.output("loss", sum(Object.values(terms)));
  await expectReference(graph, fixture, {
    feeds,
    outputs: [...outputs, ...Object.keys(terms)],
  });
});

test("without explicit zeros there are no heads for them", () => {
  const graph = new Graph("scgpt");
  const plain = { ...config, explicitZeros: false };
  const encoded = scgpt(graph.input("genes", "int32", [2, 5]), graph.input("values", "float32", [2, 5]), plain);
  expect(scgptExpression(encoded, plain).expressedLogits).toBeUndefined();
  expect(scgptCellExpression(encoded, plain).expressedLogits).toBeUndefined();
  expect([...graph.parameters.keys()].filter((name) => name.includes("zero_logit"))).toEqual([]);
});
