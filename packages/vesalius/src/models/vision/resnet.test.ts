import { expect, test } from "vitest";
import { crossEntropy, elementCount, Graph, initializeParameters } from "../../graph/index.ts";
import {
  convolutionalTolerance,
  expectReference,
  exposeBuffers,
  readFixture,
  runGraph,
  toInt32,
} from "../../testing/reference.node.ts";
import { isBuffer } from "../layers/normalization.ts";
import { resnetClassifier, resnetConfigSchema, resnetFeatures, resnetVariants } from "./resnet.ts";

test("reproduces torchvision's ResNet in training mode: features, loss, gradients and running statistics", async () => {
  const fixture = await readFixture("model/resnet");
  const config = resnetConfigSchema.parse({
    block: "basic",
    depths: [1, 1, 1, 1],
    stemWidth: 8,
    widths: [8, 16, 32, 64],
  });
  const graph = new Graph("resnet");
  const images = graph.input("images", "float32", [3, 3, 48, 48]);
  const { stem, stages, pooled } = resnetFeatures(images, config, { training: true });
  graph.output("maxpool_output", stem);
  graph.output("layer2_output", stages[1]!);
  const logits = graph.output("logits", resnetClassifier(pooled, 5));
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", [3])));
  await expectReference(graph, fixture, {
    ...convolutionalTolerance,
    feeds: new Map([
      ["images", fixture.inputs.get("images")!],
      ["labels", toInt32(fixture.inputs.get("labels")!)],
    ]),
    outputs: ["maxpool_output", "layer2_output", "logits", ...exposeBuffers(graph, fixture)],
  });
});

test("has the parameters of torchvision's ResNet-50, and ResNeXt by groups", () => {
  const count = (config: unknown): number => {
    const graph = new Graph("resnet");
    const parsed = resnetConfigSchema.parse(config);
    const { pooled } = resnetFeatures(graph.input("images", "float32", [1, 3, 32, 32]), parsed, { training: false });
    resnetClassifier(pooled, 1000);
    return [...graph.parameters.values()]
      .filter(({ name }) => !isBuffer(name))
      .reduce((total, { shape }) => total + elementCount(shape), 0);
  };
  // The numbers of torchvision's model cards.
  expect(count({})).toBe(25_557_032);
  expect(count(resnetVariants.resnet18)).toBe(11_689_512);
  expect(count({ groups: 32, widthPerGroup: 4 })).toBe(25_028_904);
});

test("in use an image's logits do not depend on the batch, and statistics are left alone", async () => {
  const config = resnetConfigSchema.parse({
    block: "basic",
    depths: [1, 1],
    stemWidth: 4,
    widths: [4, 8],
    channels: 1,
  });
  const run = async (batch: number, data: Float32Array) => {
    const graph = new Graph("resnet");
    const images = graph.input("images", "float32", [batch, 1, 16, 16]);
    graph.output("logits", resnetClassifier(resnetFeatures(images, config, { training: false }).pooled, 2));
    expect([...graph.outputs.keys()]).toEqual(["logits"]);
    const feeds = initializeParameters(graph, 1);
    feeds.set("images", { dtype: "float32", shape: [batch, 1, 16, 16], data });
    return (await runGraph(graph, feeds)).get("logits")!.data as Float32Array;
  };
  const pixels = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i));
  const [both, first] = [await run(2, pixels), await run(1, pixels.slice(0, 256))];
  for (let i = 0; i < 2; i++) expect(both[i]).toBeCloseTo(first[i]!, 5);
});

test("a stage needs a depth and a width", () => {
  expect(() => resnetConfigSchema.parse({ depths: [1, 1] })).toThrow(/one entry for each stage/);
});
