import { expect, test } from "vitest";
import { add, Graph, meanSquaredError } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { evoformerBlock, evoformerConfigSchema, msaRowAttention } from "./evoformer.ts";

const config = evoformerConfigSchema.parse({
  msaHeadWidth: 6,
  msaHeads: 3,
  outerWidth: 5,
  triangleWidth: 7,
  pairHeadWidth: 4,
  pairHeads: 2,
  transitionRatio: 2,
});

test("reproduces OpenFold's Evoformer block: sequences, pairs, loss and every gradient", async () => {
  const fixture = await readFixture("model/evoformer_block");
  const graph = new Graph("evoformer");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const state = { msa: values("msa"), pair: values("pair") };
  const masks = { msa: values("msa_mask"), pair: values("pair_mask") };
  const after = evoformerBlock(state, masks, config);
  graph.output("msa_row_attention_output_on_inputs", msaRowAttention(state, masks.msa, config));
  graph.output("msa_out", after.msa);
  graph.output("pair_out", after.pair);
  const loss = add(
    meanSquaredError(after.msa, values("target_msa")),
    meanSquaredError(after.pair, values("target_pair")),
  );
  graph.output("loss", loss);
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["msa_out", "pair_out", "msa_row_attention_output_on_inputs"],
  });
});

test("blocks are stacked by their prefix, and column attention can be left out", () => {
  const graph = new Graph("evoformer");
  const start = {
    msa: graph.input("msa", "float32", [2, 3, 4, 8]),
    pair: graph.input("pair", "float32", [2, 4, 4, 6]),
  };
  const masks = {
    msa: graph.input("msa_mask", "float32", [2, 3, 4]),
    pair: graph.input("pair_mask", "float32", [2, 4, 4]),
  };
  const plain = { ...config, columnAttention: false, outerProductFirst: true };
  const first = evoformerBlock(start, masks, plain, "blocks.0.");
  const second = evoformerBlock(first, masks, plain, "blocks.1.");
  expect(second.msa.shape).toEqual([2, 3, 4, 8]);
  expect(second.pair.shape).toEqual([2, 4, 4, 6]);
  const names = [...graph.parameters.keys()];
  expect(names.filter((name) => name.includes("msa_att_col"))).toEqual([]);
  expect(names.filter((name) => name.startsWith("blocks.0.")).length).toBe(names.length / 2);
});
