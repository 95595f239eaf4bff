import { expect, test } from "vitest";
import { crossEntropy, elementCount, Graph } from "../../graph/index.ts";
import {
  convolutionalTolerance,
  expectReference,
  exposeBuffers,
  readFixture,
  toInt32,
} from "../../testing/reference.node.ts";
import { densenetClassifier, densenetConfigSchema, densenetFeatures, densenetVariants } from "./densenet.ts";
import { isBuffer } from "../layers/normalization.ts";

test("reproduces torchvision's DenseNet in training mode: features, loss, gradients and running statistics", async () => {
  const fixture = await readFixture("model/densenet");
  const config = densenetConfigSchema.parse({ growthRate: 6, depths: [2, 3, 2], stemWidth: 8, bottleneckFactor: 2 });
  const graph = new Graph("densenet");
  const images = graph.input("images", "float32", [3, 3, 48, 48]);
  const { stages, transitions, pooled } = densenetFeatures(images, config, { training: true });
  graph.output("denseblock1_output", stages[0]!);
  graph.output("transition1_output", transitions[0]!);
  const logits = graph.output("logits", densenetClassifier(pooled, 4));
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", [3])));
  await expectReference(graph, fixture, {
    ...convolutionalTolerance,
    feeds: new Map([
      ["images", fixture.inputs.get("images")!],
      ["labels", toInt32(fixture.inputs.get("labels")!)],
    ]),
    outputs: ["denseblock1_output", "transition1_output", "logits", ...exposeBuffers(graph, fixture)],
  });
});

test.each([
  ["densenet121", 7_978_856],
  ["densenet161", 28_681_000],
] as const)("%s has the parameters of torchvision's model card", (name, expected) => {
  const graph = new Graph(name);
  const config = densenetConfigSchema.parse(densenetVariants[name]);
  const images = graph.input("images", "float32", [1, 3, 32, 32]);
  densenetClassifier(densenetFeatures(images, config, { training: false }).pooled, 1000);
  const trained = [...graph.parameters.values()].filter((parameter) => !isBuffer(parameter.name));
  expect(trained.reduce((total, { shape }) => total + elementCount(shape), 0)).toBe(expected);
});
