import { expect, test } from "vitest";
import { channelsInBlock } from "./channel-blocks.ts";
import { loadOnnxRuntimeNode } from "./load-onnxruntime.node.ts";

const ort = await loadOnnxRuntimeNode();

test.skipIf(process.arch !== "x64")("a processor of this kind keeps 8 or 16 channels together", async () => {
  expect([8, 16]).toContain(await channelsInBlock(ort, (model) => ort.InferenceSession.create(model)));
});

test("an engine that refuses the operator has no such layout", async () => {
  expect(await channelsInBlock(ort, () => ort.InferenceSession.create(new Uint8Array([1, 2, 3])))).toBeUndefined();
});
