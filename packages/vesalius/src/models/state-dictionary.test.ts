import { expect, test } from "vitest";
import { Graph, type Tensors, zeros } from "../graph/index.ts";
import { architectures } from "./architectures.ts";
import { checkDepth, checkWeights } from "./state-dictionary.ts";

const graph = new Graph();
graph.parameter("blocks.0.weight", [2, 3], { kind: "zeros" });
graph.parameter("head.weight", [4], { kind: "zeros" });

const weights = (entries: Record<string, number[]>): Tensors =>
  new Map(Object.entries(entries).map(([name, shape]) => [name, zeros("float32", shape)]));

test("missing, unexpected and mis-shaped names are listed together", () => {
  expect(() =>
    checkWeights(graph, weights({ "blocks.0.weight": [3, 2], extra: [1] }), { where: "model.safetensors" }),
  ).toThrow(
    /missing: head\.weight; unexpected: extra; wrong shape or type: blocks\.0\.weight is float32 \[3, 2\], expected float32 \[2, 3\] \(model\.safetensors\)/,
  );
});

test("a new head may be missing and a left-over decoder may be unused, when the caller says so", () => {
  const found = checkWeights(graph, weights({ "blocks.0.weight": [2, 3], "decoder.weight": [1] }), {
    mayMiss: (name) => name.startsWith("head."),
    mayBeLeft: (name) => name.startsWith("decoder."),
  });
  expect([...found.keys()]).toEqual(["blocks.0.weight"]);
});

test("what may not be missing is named, also where something else may be", () => {
  const mayMiss = (name: string): boolean => name.startsWith("head.");
  expect(() => checkWeights(graph, weights({ "head.weight": [4] }), { mayMiss })).toThrow(/missing: blocks\.0\.weight/);
});

test("names of older and wrapped checkpoints are understood", () => {
  const bert = new Graph();
  bert.parameter("bert.embeddings.LayerNorm.weight", [2], { kind: "zeros" });
  bert.parameter("bert.embeddings.LayerNorm.bias", [2], { kind: "zeros" });
  bert.parameter("classifier.weight", [1], { kind: "zeros" });
  const old = weights({
    "module.bert.embeddings.LayerNorm.gamma": [2],
    "embeddings.LayerNorm.beta": [2],
    "model.classifier.weight": [1],
    "bert.embeddings.position_ids": [1, 3],
    "pooler.dense.weight": [1],
  });
  const found = checkWeights(bert, old, { mayBeLeft: (name) => name.startsWith("bert.pooler.") });
  expect([...found.keys()].sort()).toEqual([
    "bert.embeddings.LayerNorm.bias",
    "bert.embeddings.LayerNorm.weight",
    "classifier.weight",
  ]);
  expect(found.get("bert.embeddings.LayerNorm.weight")).toBe(old.get("module.bert.embeddings.LayerNorm.gamma"));
});

test("the attention of FlashAttention in scGPT's checkpoints is PyTorch's, and what its encoder does not see is left", () => {
  const network = architectures.create({ name: "geneTransformer", vocabularySize: 5, classToken: 0 });
  const cells = new Graph();
  const layer = "transformer_encoder.layers.0.self_attn";
  for (const part of ["weight", "bias"]) cells.parameter(`${layer}.in_proj_${part}`, [6], { kind: "zeros" });
  const released = weights({
    [`module.${layer}.Wqkv.weight`]: [6],
    [`module.${layer}.Wqkv.bias`]: [6],
    "flag_encoder.weight": [2, 2],
    "batch_encoder.embedding.weight": [3, 2],
  });
  const found = checkWeights(cells, released, { mayBeLeft: (name) => network.mayDiffer!(name) === "left" });
  expect(found.get(`${layer}.in_proj_weight`)).toBe(released.get(`module.${layer}.Wqkv.weight`));
  expect(found.size).toBe(2);
  expect(network.mayDiffer!("dsbn.bns.0.weight")).toBeUndefined();
});

test("the attention to another sequence that MONAI gives to UNETR's blocks, and that is never called, is left", () => {
  const network = architectures.create({ name: "unetr" });
  const block = new Graph();
  block.parameter("vit.blocks.11.norm1.weight", [2], { kind: "ones" });
  const saved = weights({
    "vit.blocks.11.norm1.weight": [2],
    "vit.blocks.11.norm_cross_attn.weight": [2],
    "vit.blocks.11.cross_attn.to_q.weight": [2, 2],
  });
  const mayBeLeft = (name: string): boolean => network.mayDiffer!(name) === "left";
  expect([...checkWeights(block, saved, { mayBeLeft }).keys()]).toEqual(["vit.blocks.11.norm1.weight"]);
  expect(() =>
    checkWeights(block, weights({ "vit.blocks.11.norm1.weight": [2], "vit.blocks.12.x": [1] }), { mayBeLeft }),
  ).toThrow(/unexpected: vit\.blocks\.12\.x/);
});

test("a literal name comes first, and two that mean one parameter are both refused", () => {
  const scaled = new Graph();
  scaled.parameter("ls1.gamma", [2], { kind: "zeros" });
  scaled.parameter("ls1.weight", [2], { kind: "zeros" });
  const own = weights({ "ls1.gamma": [2], "ls1.weight": [2] });
  expect(checkWeights(scaled, own).get("ls1.gamma")).toBe(own.get("ls1.gamma"));
  expect(() =>
    checkWeights(scaled, weights({ "ls1.gamma": [2], "model.ls1.weight": [2], "net.ls1.weight": [2] })),
  ).toThrow(/missing: ls1\.weight; unexpected: model\.ls1\.weight, net\.ls1\.weight/);
});

test("more layers than the weights hold are refused before a graph is built", () => {
  const network = architectures.create({ name: "bert", depth: 500, vocabularySize: 5 });
  expect(() => checkDepth(network, 40, "model")).toThrow(/speaks of 500 layers, and there are 40 weights \(model\)/);
  checkDepth(architectures.create({ name: "bert", depth: 4, vocabularySize: 5 }), 40, "model");
});
