import { expect, test } from "vitest";
import { crossEntropy, Graph, initializeParameters } from "../../graph/index.ts";
import { expectReference, readFixture, runGraph, toInt32 } from "../../testing/reference.node.ts";
import { classificationHead, vitConfigSchema, vitFeatures } from "./vit.ts";

test("reproduces timm's ViT: logits, features, loss and every gradient", async () => {
  const fixture = await readFixture("model/vit_timm");
  const config = vitConfigSchema.parse({
    imageSize: 16,
    patchSize: 4,
    channels: 3,
    width: 32,
    depth: 2,
    heads: 4,
    mlpRatio: 2,
  });
  const graph = new Graph("vit");
  const images = graph.input("images", "float32", [2, 3, 16, 16]);
  const labels = graph.input("labels", "int32", [2]);
  const { tokens, pooled } = vitFeatures(images, config);
  graph.output("features", tokens);
  const logits = graph.output("logits", classificationHead(pooled, 5));
  graph.output("loss", crossEntropy(logits, labels));
  const feeds = new Map([
    ["images", fixture.inputs.get("images")!],
    ["labels", toInt32(fixture.inputs.get("labels")!)],
  ]);
  await expectReference(graph, fixture, { feeds, outputs: ["features", "logits"] });
});

test("an image's logits do not depend on its place in the batch", async () => {
  const config = vitConfigSchema.parse({
    imageSize: 8,
    patchSize: 4,
    channels: 1,
    width: 16,
    depth: 1,
    heads: 2,
    pooling: "mean",
  });
  const graph = new Graph("vit");
  const images = graph.input("images", "float32", [3, 1, 8, 8]);
  graph.output("logits", classificationHead(vitFeatures(images, config).pooled, 2));
  const weights = initializeParameters(graph, 3);
  const pixels = Float32Array.from({ length: 192 }, (_, i) => Math.sin(i));
  const turned = Float32Array.from([...pixels.slice(128), ...pixels.slice(0, 128)]);
  const run = async (data: Float32Array) =>
    (
      await runGraph(graph, new Map([...weights, ["images", { dtype: "float32" as const, shape: [3, 1, 8, 8], data }]]))
    ).get("logits")!.data as Float32Array;
  const [straight, rotated] = [await run(pixels), await run(turned)];
  for (let i = 0; i < 6; i++) expect(rotated[(i + 2) % 6]).toBeCloseTo(straight[i]!, 5);
});
