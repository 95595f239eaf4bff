import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adaptOnLabelledImages as adapt, scratch } from "../../adaptation/index.ts";
import { syntheticRadiographsOfImages } from "../../data/index.ts";
import { vit } from "../../models/index.ts";
import { nodeCpu } from "../../runtime/index.node.ts";
import { classification } from "./classification.ts";
import { exportOnnx } from "./export-onnx.node.ts";
import type { ImageClassifier } from "./image-classifier.ts";
import { loadClassifier } from "./load-classifier.node.ts";
import { describePredictions, predictionsCsv } from "./predictions.ts";

const data = syntheticRadiographsOfImages({ count: { train: 16, validation: 9, test: 0 }, imageSize: 16 });

describe("a saved classifier", () => {
  let folder: string;
  let model: ImageClassifier;
  const path = (...parts: string[]): string => join(folder, ...parts);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vesalius-classifier-"));
    const backbone = vit({ ...vit.micro({ image: 16, patch: 4 }).config, width: 16, depth: 1, heads: 2 });
    model = await adapt(backbone, classification(data.labels), {
      method: scratch(),
      data: data.train,
      steps: 3,
      batchSize: 8,
      workers: 0,
    });
    await model.save(path("model"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("gives the same answers after loading, to the last bit", async () => {
    const loaded = await loadClassifier(path("model"));
    expect(loaded.labels).toEqual(model.labels);
    expect(await loaded.predict(data.validation!)).toEqual(await model.predict(data.validation!));
  });

  it.each(["config.json", "model.safetensors"])("says that %s is missing", async (name) => {
    const files = await Promise.all(
      ["config.json", "model.safetensors"].map(async (file) => [file, await readFile(path("model", file))] as const),
    );
    const partial = await mkdtemp(join(folder, "partial-"));
    for (const [file, content] of files) if (file !== name) await writeFile(join(partial, file), content);
    await expect(loadClassifier(partial)).rejects.toMatchObject({
      code: "missing-file",
      where: partial,
      what: expect.stringContaining(name) as string,
    });
  });

  it("says that a folder is missing, and refuses a config.json of something else", async () => {
    await expect(loadClassifier(path("nowhere"))).rejects.toMatchObject({ code: "missing-file" });
    const other = await mkdtemp(join(folder, "other-"));
    await writeFile(join(other, "model.safetensors"), await readFile(path("model/model.safetensors")));
    for (const text of ["{", "{}", '{"architecture":"resnet"}']) {
      await writeFile(join(other, "config.json"), text);
      await expect(loadClassifier(other)).rejects.toMatchObject({ code: "bad-file" });
    }
  });

  it("exports an ONNX file that answers as the model does", async () => {
    const file = path("model.onnx");
    const exported = await exportOnnx(model, file, { batchSize: 9 });
    expect(exported.inputShape).toEqual([9, 1, 16, 16]);
    expect(exported.largestDifference).toBeLessThan(1e-4);
    const session = await (await nodeCpu()).load(await readFile(file));
    const { images } = data.validation!;
    if (images.kind !== "memory") throw new TypeError("the images are in memory");
    const pixels = Float32Array.from(images.pixels, (value) => value / 255);
    const outputs = await session.run(new Map([["images", { dtype: "float32", shape: [9, 1, 16, 16], data: pixels }]]));
    await session.release();
    const expected = await model.predict(data.validation!);
    (outputs.get("probabilities")!.data as Float32Array).forEach((value, i) =>
      expect(value).toBeCloseTo(expected[i]!, 5),
    );
  });

  it("leaves an existing file alone where the new one does not pass", async () => {
    const file = path("kept.onnx");
    await writeFile(file, "earlier");
    await expect(exportOnnx(model, file, { tolerance: -1 })).rejects.toMatchObject({
      code: "runtime-failure",
      where: file,
    });
    expect(await readFile(file, "utf8")).toBe("earlier");
    expect((await readdir(folder)).filter((name) => name.includes("unchecked"))).toEqual([]);
  });

  it("says that a file cannot be written", async () => {
    await writeFile(path("file"), "");
    const file = path("file/model.onnx");
    await expect(exportOnnx(model, file)).rejects.toMatchObject({ code: "output-not-writable", where: file });
  });
});

describe("describePredictions", () => {
  const probabilities = Float32Array.of(0.25, 0.75, 0.5, 0.5);

  it("names the most probable class, and the first of equals", () => {
    const predictions = describePredictions({ ids: ["a", "b"] }, ["no", "yes"], probabilities);
    expect(predictions).toEqual([
      { image: "a", predictedClass: "yes", probabilities: { no: 0.25, yes: 0.75 } },
      { image: "b", predictedClass: "no", probabilities: { no: 0.5, yes: 0.5 } },
    ]);
    expect(predictionsCsv(predictions, ["no", "yes"])).toBe(
      "image,predictedClass,no,yes\na,yes,0.25,0.75\nb,no,0.5,0.5\n",
    );
  });

  it("adds the true class where it is known", () => {
    const predictions = describePredictions(
      { ids: ["a", "b"], labels: Int32Array.of(1, -1) },
      ["no", "yes"],
      probabilities,
    );
    expect(predictionsCsv(predictions, ["no", "yes"])).toBe(
      "image,trueClass,predictedClass,no,yes\na,yes,yes,0.25,0.75\nb,,no,0.5,0.5\n",
    );
  });
});
