import { describe, expect, test } from "vitest";
import { crossEntropy, Graph, initializeParameters, type Value } from "../../graph/index.ts";
import {
  convolutionalTolerance,
  expectReference,
  readFixture,
  runGraph,
  toInt32,
} from "../../testing/reference.node.ts";
import { basicUnet, basicUnetConfigSchema, basicUnetFromMonai } from "./basic-unet.ts";
import { residualUnet, residualUnetConfigSchema, residualUnetFromMonai } from "./residual-unet.ts";

/** Compares a segmentation network with a fixture whose loss is the mean cross-entropy over all pixels. */
async function expectSegmentationReference(
  name: string,
  build: (images: Value, config: Record<string, unknown>) => { logits: Value; encoder: readonly Value[] },
  firstLevel: string,
): Promise<void> {
  const fixture = await readFixture(`model/${name}`);
  const graph = new Graph(name);
  const [images, labels] = [fixture.inputs.get("images")!, toInt32(fixture.inputs.get("labels")!)];
  const { logits, encoder } = build(graph.input("images", "float32", images.shape), fixture.description.config);
  graph.output("logits", logits);
  graph.output(firstLevel, encoder[0]!);
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", labels.shape)));
  await expectReference(graph, fixture, {
    ...convolutionalTolerance,
    feeds: new Map([
      ["images", images],
      ["labels", labels],
    ]),
    outputs: ["logits", firstLevel],
  });
}

describe.each(["2d", "3d"])("%s", (dimensions) => {
  test("reproduces MONAI's BasicUNet: features, logits, loss and every gradient", async () => {
    const build = (images: Value, config: Record<string, unknown>) => basicUnet(images, basicUnetFromMonai(config));
    await expectSegmentationReference(`monai_basic_unet_${dimensions}`, build, "conv_0_output");
  });

  test("reproduces MONAI's UNet: features, logits, loss and every gradient", async () => {
    const build = (images: Value, config: Record<string, unknown>) =>
      residualUnet(images, residualUnetFromMonai(config));
    await expectSegmentationReference(`monai_unet_${dimensions}`, build, "model.0_output");
  });
});

test("BasicUNet takes extents that are not divisible by 16", async () => {
  const graph = new Graph("unet");
  const config = basicUnetConfigSchema.parse({ features: [2, 2, 2, 2, 2, 2] });
  graph.output("logits", basicUnet(graph.input("images", "float32", [1, 1, 37, 50]), config).logits);
  const feeds = initializeParameters(graph, 1);
  const data = Float32Array.from({ length: 37 * 50 }, (_, i) => Math.sin(i));
  feeds.set("images", { dtype: "float32", shape: [1, 1, 37, 50], data });
  const logits = (await runGraph(graph, feeds)).get("logits")!;
  expect(logits.shape).toEqual([1, 2, 37, 50]);
  expect((logits.data as Float32Array).every(Number.isFinite)).toBe(true);
});

test("UNet without residual units has MONAI's names", () => {
  const graph = new Graph("unet");
  const config = residualUnetConfigSchema.parse({ features: [4, 8, 16], strides: [2, 2], residualUnits: 0 });
  const { logits } = residualUnet(graph.input("images", "float32", [1, 1, 16, 16]), config);
  expect(logits.shape).toEqual([1, 2, 16, 16]);
  expect([...graph.parameters.keys()].filter((name) => name.endsWith("conv.weight"))).toEqual([
    "model.0.conv.weight",
    "model.1.submodule.0.conv.weight",
    "model.1.submodule.1.submodule.conv.weight",
    "model.1.submodule.2.conv.weight",
    "model.2.conv.weight",
  ]);
  // The network ends in a bare convolution.
  expect(graph.parameters.has("model.2.adn.A.weight")).toBe(false);
});

test("a UNet needs one stride less than levels", () => {
  expect(() => residualUnetConfigSchema.parse({ features: [4, 8], strides: [2, 2] })).toThrow(/one stride less/);
});

test("arguments of another architecture are refused by name", () => {
  const given = { in_channels: 1, out_channels: 2, channels: [4, 8], strides: [2] };
  expect(residualUnetFromMonai(given)).toEqual({
    ...residualUnetConfigSchema.parse({ features: [4, 8], strides: [2] }),
    residualUnits: 0,
    upKernel: 3,
  });
  const styled = {
    ...given,
    norm: ["group", { num_groups: 2 }],
    act: ["ELU", { alpha: 2 }],
    adn_ordering: "AN",
    bias: false,
  };
  expect(residualUnetFromMonai({ ...styled, dropout: 0.1 })).toMatchObject({
    norm: { kind: "group", groups: 2 },
    activation: { kind: "elu", alpha: 2 },
    order: "AN",
    bias: false,
    dropout: 0.1,
  });
  expect(() => residualUnetFromMonai({ ...given, norm: "layer" })).toThrow(/no MONAI UNet.*norm/s);
  expect(() => residualUnetFromMonai({ ...given, act: ["PReLU", { num_parameters: 4 }] })).toThrow(
    /no MONAI UNet.*act/s,
  );
  expect(() => residualUnetFromMonai({ ...given, adn_ordering: "NN" })).toThrow(/no order/);
  expect(() => residualUnetFromMonai({ ...given, attention: true })).toThrow(/not supported: attention/);
  expect(() => basicUnetFromMonai({ upsample: "nontrainable" })).toThrow(/no MONAI BasicUNet.*upsample/s);
});
