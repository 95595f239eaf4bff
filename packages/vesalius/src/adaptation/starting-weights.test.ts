import { expect, test } from "vitest";
import { Graph, initializeParameters } from "../graph/index.ts";
import { classificationHead, vit, vitConfigSchema, vitFeatures } from "../models/index.ts";
import type { AdaptationMethod } from "./method.ts";
import { startingWeights } from "./starting-weights.ts";

const { network } = vit({ imageSize: 8, patchSize: 4, channels: 1, width: 8, depth: 1, heads: 2 });

/** A classifier on the network, for so many classes. */
function classifier(classes: number): Graph {
  const graph = new Graph();
  const images = graph.input("images", "float32", [1, 1, 8, 8]);
  classificationHead(vitFeatures(images, vitConfigSchema.parse(network.config)).pooled, classes);
  return graph;
}

const start = (published: number, wanted: number, isHead = (name: string) => name.startsWith("head.")) => {
  const weights = initializeParameters(classifier(published), 1);
  const method = { name: "fullFineTuning", pretrained: true } as AdaptationMethod;
  const graph = classifier(wanted);
  const fresh = initializeParameters(graph, 7);
  return {
    weights,
    fresh,
    started: startingWeights(graph, { network, weights, preparation: undefined }, isHead, method, 7),
  };
};

test("a published head for other classes gives way to a new one, and everything else is as published", () => {
  const { weights, fresh, started } = start(10, 2);
  for (const [name, tensor] of started)
    expect(tensor, name).toEqual((name.startsWith("head.") ? fresh : weights).get(name));
});

test("a published head for as many classes is kept", () => {
  const { weights, started } = start(2, 2);
  expect(started).toEqual(weights);
});

test("what is no head of the task is never left for its shape", () => {
  expect(() => start(10, 2, () => false)).toThrow(/head\.weight is float32 \[10, 8\], expected float32 \[2, 8\]/);
});
