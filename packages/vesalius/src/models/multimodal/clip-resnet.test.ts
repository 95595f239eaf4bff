import { expect, test } from "vitest";
import { elementCount, Graph, l2Normalize } from "../../graph/index.ts";
import { expectReference, exposeBuffers, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { clipLoss, clipSimilarity, clipTextConfigSchema, clipTextFeatures } from "./clip.ts";
import { clipResnetConfigSchema, clipResnetFeatures } from "./clip-resnet.ts";
import { isBuffer } from "../layers/normalization.ts";

test("reproduces CLIP's ResNet tower in training mode: features, similarities, loss, gradients, statistics", async () => {
  const fixture = await readFixture("model/clip_resnet");
  const graph = new Graph("clip");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const config = clipResnetConfigSchema.parse({ imageSize: 32, width: 2, depths: [1, 1, 1, 1], heads: 1 });
  const text = clipTextConfigSchema.parse({ vocabularySize: 20, contextLength: 6, width: 16, depth: 1, heads: 2 });
  const image = clipResnetFeatures(values("images"), config, 16, { training: true });
  const similarity = clipSimilarity(image, clipTextFeatures(values("text"), text, 16));
  graph.output("image_features_normalised", l2Normalize(image));
  graph.output("logits_per_image", similarity.logitsPerImage);
  graph.output("loss", clipLoss(similarity));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["image_features_normalised", "logits_per_image", ...exposeBuffers(graph, fixture)],
    outputTolerance: [1e-3, 1e-5],
    gradientTolerance: [1e-3, 1e-6],
  });
});

test("has the parameters of RN50's image tower", () => {
  const graph = new Graph("clip");
  const images = graph.input("images", "float32", [1, 3, 224, 224]);
  clipResnetFeatures(images, clipResnetConfigSchema.parse({}), 1024, { training: false });
  const trained = [...graph.parameters.values()].filter(({ name }) => !isBuffer(name));
  // As many as the published RN50 has in its image tower.
  expect(trained.reduce((total, { shape }) => total + elementCount(shape), 0)).toBe(38_316_896);
});
