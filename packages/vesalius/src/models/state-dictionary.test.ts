import { expect, test } from "vitest";
import { Graph, type Tensors, zeros } from "../graph/index.ts";
import { checkWeights } from "./state-dictionary.ts";

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
