import { expect, test } from "vitest";
import { Graph, matMul } from "../graph/index.ts";
import { architectures } from "../models/index.ts";
import { chooseLayers } from "./choose-layers.ts";

/** The graph of a network's features in its smallest size. */
function featuresOf(name: string, settings: object, input: "image" | "text"): Graph {
  const { presets } = architectures.entry(name);
  const network = architectures.create({ name, ...presets["nano"], ...settings });
  const graph = new Graph(name);
  const values =
    input === "image"
      ? { pixels: graph.input("pixels", "float32", [2, 1, 32, 32]) }
      : { tokens: graph.input("tokens", "int32", [2, 8]), mask: graph.input("mask", "float32", [2, 8]) };
  const { pooled, pyramid } = network.features({ [input]: values }, { training: false });
  graph.output("features", pooled ?? pyramid![0]!);
  return graph;
}

const lora = { method: "LoRA", kinds: ["linear", "convolution", "embedding"] } as const;
const lastParts = (graph: Graph): string[] => [
  ...new Set(chooseLayers(graph, lora).map(({ module }) => module.split(/\.\d+\./).at(-1)!)),
];

test("without targets every linear layer of the blocks is adapted, and nothing before or behind them", () => {
  expect(lastParts(featuresOf("vit", { imageSize: 32, patchSize: 8, channels: 1 }, "image"))).toEqual([
    "attn.qkv",
    "attn.proj",
    "mlp.fc1",
    "mlp.fc2",
  ]);
  expect(lastParts(featuresOf("bert", { vocabularySize: 20 }, "text"))).toEqual([
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
  ]);
});

test("networks of convolutions are adapted in their convolutions", () => {
  const layers = chooseLayers(featuresOf("resnet", { channels: 1 }, "image"), lora);
  expect(layers.length).toBeGreaterThan(2);
  expect(new Set(layers.map(({ kind }) => kind))).toEqual(new Set(["convolution"]));
});

test("a graph without blocks has to be told what to adapt", () => {
  const graph = new Graph("flat");
  graph.output(
    "y",
    matMul(graph.input("x", "float32", [2, 3]), graph.parameter("own.weight", [3, 4], { kind: "zeros" })),
  );
  expect(() => chooseLayers(graph, lora)).toThrow(/no numbered blocks/);
  expect(chooseLayers(graph, { ...lora, targets: ["own"] })).toHaveLength(1);
});
