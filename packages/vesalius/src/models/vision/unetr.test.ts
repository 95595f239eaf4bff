import { describe, expect, test } from "vitest";
import { crossEntropy, Graph } from "../../graph/index.ts";
import { convolutionalTolerance, expectReference, readFixture, toInt32 } from "../../testing/reference.node.ts";
import { unetr, unetrConfigSchema, unetrFromMonai } from "./unetr.ts";

describe.each(["2d", "3d"])("%s", (dimensions) => {
  test("reproduces MONAI's UNETR: hidden states, logits, loss and every gradient", async () => {
    const fixture = await readFixture(`model/unetr_${dimensions}`);
    const [images, labels] = [fixture.inputs.get("images")!, toInt32(fixture.inputs.get("labels")!)];
    const graph = new Graph("unetr");
    const config = unetrFromMonai(fixture.description.config);
    const { hidden, tokens, logits } = unetr(graph.input("images", "float32", images.shape), config);
    graph.output("vit_hidden_3", hidden[3]!);
    graph.output("vit_output", tokens);
    graph.output("logits", logits);
    graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", labels.shape)));
    await expectReference(graph, fixture, {
      ...convolutionalTolerance,
      feeds: new Map([
        ["images", images],
        ["labels", labels],
      ]),
      outputs: ["vit_hidden_3", "vit_output", "logits"],
    });
  });
});

test("the image size is a multiple of the patch, and other architectures are refused", () => {
  expect(() => unetrConfigSchema.parse({ imageSize: [96, 90] })).toThrow(/16/);
  expect(() => unetrFromMonai({ in_channels: 1, out_channels: 2, img_size: [96, 96], res_block: false })).toThrow(
    /no MONAI UNETR.*res_block/s,
  );
  expect(() => unetrFromMonai({ in_channels: 1, out_channels: 2, img_size: [96, 90] })).toThrow(/no MONAI UNETR.*16/s);
});
