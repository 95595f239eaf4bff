import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapt, scratch } from "../adaptation/index.ts";
import { nodeCpu } from "../runtime/index.node.ts";
import { vision } from "../testing/learning.ts";
import { patternClasses, patterns } from "../testing/patterns.ts";
import { classification } from "./classification.ts";
import { exportOnnx } from "./export-onnx.node.ts";
import type { Model } from "./model.ts";

const unseen = patterns("unseen", 9);

describe("exportOnnx", () => {
  let folder: string;
  let model: Model<{ readonly probabilities: ArrayLike<number> }>;
  const path = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vesalius-export-"));
    model = await adapt(vision, classification({ classes: [...patternClasses] }), {
      method: scratch(),
      data: patterns("few", 16),
      steps: 3,
      batchSize: 8,
      workers: 0,
    });
  });
  afterAll(async () => {
    await model.release();
    await rm(folder, { recursive: true });
  });

  it("writes a file that answers as the model does, given pixels from 0 to 1", async () => {
    const file = path("model.onnx");
    const exported = await exportOnnx(model, file, { batchSize: 9 });
    expect(exported.inputs).toEqual({ "image.pixels": { dtype: "float32", shape: [9, 1, 16, 16] } });
    expect(exported.outputs["probabilities"]).toEqual([9, 4]);
    expect(exported.largestDifference).toBeLessThan(1e-4);
    const written = await readFile(file);
    expect(exported.bytes).toBe(written.length);
    const { storage } = unseen.columns["image"] as unknown as { storage: { pixels: Uint8Array } };
    const data = Float32Array.from(storage.pixels, (value) => value / 255);
    const session = await (await nodeCpu()).load(written);
    const outputs = await session.run(new Map([["image.pixels", { dtype: "float32", shape: [9, 1, 16, 16], data }]]));
    await session.release();
    const expected: number[] = [];
    for await (const { answer } of model.predict(unseen)) expected.push(...Array.from(answer!.probabilities));
    const found = outputs.get("probabilities")!.data as Float32Array;
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  it("leaves an existing file alone where the new one does not pass", async () => {
    const file = path("kept.onnx");
    await writeFile(file, "earlier");
    await expect(exportOnnx(model, file, { tolerance: -1 })).rejects.toMatchObject({
      code: "runtime-failure",
      where: file,
    });
    expect(await readFile(file, "utf8")).toBe("earlier");
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("says that a file cannot be written", async () => {
    await writeFile(path("file"), "");
    const file = path("file/model.onnx");
    await expect(exportOnnx(model, file)).rejects.toMatchObject({ code: "output-not-writable", where: path("file") });
  });
});
