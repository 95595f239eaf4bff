import { describe, expect, it } from "vitest";
import { VesaliusError } from "../../common/errors.ts";
import { syntheticRadiographsOfImages } from "../../data/index.ts";
import { evaluateClassification } from "./evaluate-classification.ts";
import { evaluateClassifier, parseClassifierReport, type PredictingModel } from "./evaluate-classifier.ts";

const { validation: split } = syntheticRadiographsOfImages({
  count: { train: 8, validation: 60, test: 0 },
  imageSize: 16,
});

/** Answers with the brightness of each image, which knows a little about the class. */
const model: PredictingModel = {
  labels: ["clear", "opacity"],
  weights: new Map([["head.weight", { dtype: "float32", shape: [2, 3], data: new Float32Array(6) }]]),
  predict: ({ images }) => {
    if (images.kind !== "memory") throw new TypeError("the images are in memory");
    const size = images.pixels.length / images.count;
    const answers = new Float32Array(2 * images.count);
    for (let row = 0; row < images.count; row++) {
      const ofImage = images.pixels.subarray(row * size, (row + 1) * size);
      const mean = ofImage.reduce((sum, value) => sum + value, 0) / size / 255;
      answers.set([1 - mean, mean], 2 * row);
    }
    return Promise.resolve(answers);
  },
};

describe("evaluateClassifier", () => {
  it("computes what evaluateClassification does on the model's answers, with subgroups and patients", async () => {
    const report = await evaluateClassifier(model, split, { resamples: 50, seed: 4, positiveClass: "opacity" });
    const { cost, ...rest } = report;
    const direct = evaluateClassification({
      labels: split!.labels!,
      probabilities: await model.predict(split!),
      classNames: model.labels,
      attributes: split!.attributes,
      groups: split!.groups!,
      ids: split!.ids,
      resamples: 50,
      seed: 4,
    });
    expect(rest).toEqual(direct);
    expect(report.attributes.map(({ attribute }) => attribute)).toEqual(["site", "sex", "age"]);
    expect(report.resampling.unit).toBe("group");
    expect(cost.parameters).toBe(6);
    expect(cost.imagesPerSecond).toBeCloseTo(60 / cost.seconds, 6);
  });

  it("leaves out the names of images where it is told to", async () => {
    const report = await evaluateClassifier(model, split, { resamples: 1, nameImages: false });
    expect(report.confidentErrors).toEqual([]);
    expect(JSON.stringify(report)).not.toContain(split!.ids[0]);
  });

  it("refuses a split that is not there or has no labels", async () => {
    await expect(evaluateClassifier(model, undefined)).rejects.toThrow(VesaliusError);
    await expect(evaluateClassifier(model, { ...split!, labels: undefined })).rejects.toMatchObject({
      code: "bad-data",
      where: "validation",
    });
  });

  it("is read back from JSON", async () => {
    const report = await evaluateClassifier(model, split, { resamples: 5 });
    expect(parseClassifierReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
    const { cost: _cost, ...without } = report;
    expect(() => parseClassifierReport(without, "a/report.json")).toThrow(/a\/report\.json/);
  });
});
