import { expect, test } from "vitest";
import { Graph, initializeParameters, type Tensors } from "../../graph/index.ts";
import { expectClose, expectReference, fixtureInputs, readFixture, runGraph } from "../../testing/reference.node.ts";
import { clip, clipConfigSchema, clipLoss, clipTextFeatures } from "./clip.ts";

const config = clipConfigSchema.parse({
  embeddingWidth: 24,
  text: { vocabularySize: 40, contextLength: 10, width: 32, depth: 2, heads: 4 },
  vision: { imageSize: 16, patchSize: 4, width: 32, depth: 2, heads: 4 },
});

test("reproduces CLIP: features of both towers, similarities, loss and every gradient", async () => {
  const fixture = await readFixture("model/clip");
  const graph = new Graph("clip");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const outputs = clip(values("images"), values("text"), config);
  graph.output("image_features", outputs.imageFeatures);
  graph.output("text_features", outputs.textFeatures);
  graph.output("logits_per_image", outputs.logitsPerImage);
  graph.output("logits_per_text", outputs.logitsPerText);
  graph.output("loss", clipLoss(outputs));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["image_features", "text_features", "logits_per_image", "logits_per_text"],
  });
});

test("what follows the end-of-text token does not change the features of a text", async () => {
  const graph = new Graph("clip");
  graph.output("features", clipTextFeatures(graph.input("tokens", "int32", [1, 6]), config.text, 24));
  const weights = initializeParameters(graph, 4);
  const run = async (tokens: readonly number[]) => {
    const feeds: Tensors = new Map([
      ...weights,
      ["tokens", { dtype: "int32" as const, shape: [1, 6], data: Int32Array.from(tokens) }],
    ]);
    return (await runGraph(graph, feeds)).get("features")!;
  };
  const padded = await run([38, 5, 9, 39, 0, 0]);
  expectClose(await run([38, 5, 9, 39, 7, 39]), padded, 0, 1e-6, "features");
  expect((await run([38, 5, 8, 39, 0, 0])).data).not.toEqual(padded.data);
});
