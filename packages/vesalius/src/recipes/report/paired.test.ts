import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { type ImageSplit, memoryImages } from "../../data/index.ts";
import { evaluateClassification } from "../../evaluation/index.ts";
import { energyOf } from "../../trust/index.ts";
import type { JudgedModel } from "../run/judged-model.ts";
import { compareMethods, referenceMethod } from "./paired.ts";

const count = 120;
const labels = Int32Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 1 : 0));
const split: ImageSplit = {
  name: "validation",
  length: count,
  ids: Array.from(labels, (_, i) => `v/${i}`),
  labels,
  groups: undefined,
  attributes: {},
  images: memoryImages(new Uint8Array(count), { channels: 1, height: 1, width: 1 }),
};

/** A model whose answers follow the truth as far as `skill` says. */
function model(method: string, seed: number, skill: number): JudgedModel {
  const stream = randomStream(seed, method);
  const probabilities = new Float32Array(2 * count);
  labels.forEach((label, i) => {
    const positive = 1 / (1 + Math.exp(-(skill * (2 * label - 1) + stream.normal())));
    probabilities.set([1 - positive, positive], 2 * i);
  });
  const report = evaluateClassification({ labels, probabilities, classNames: ["no", "yes"], resamples: 100, seed: 1 });
  const record: JudgedModel["record"] = {
    kind: "adaptation",
    stage: `adaptation/${method}-seed${seed}`,
    fingerprint: "",
    cost: { seconds: 1, energy: energyOf(1, undefined) },
    seed,
    images: 10,
    steps: 1,
    settings: {},
    history: [],
    time: { total: 1, engine: 1, waiting: 0, evaluation: 0 },
    method,
    trainedParameters: 1,
    parameters: 2,
  };
  return { record, folder: `models/${method}-seed${seed}`, probabilities, report };
}

const auc = ({ report }: JudgedModel): number => report.figures.rocAuc!.value!;

describe("compareMethods", () => {
  const weak = [model("scratch", 1, 0.2), model("scratch", 2, 0.2)];
  const strong = [model("lora", 1, 2), model("lora", 2, 2)];

  it("holds each method against scratch, over seeds and over cases", () => {
    const [comparison, ...others] = compareMethods([...strong, ...weak], "rocAuc", split);
    expect(others).toEqual([]);
    expect(comparison).toMatchObject({ method: "lora", reference: "scratch" });
    const differences = strong.map((one, i) => auc(one) - auc(weak[i]!));
    expect(comparison!.overSeeds!.value).toBeCloseTo((differences[0]! + differences[1]!) / 2, 12);
    expect(comparison!.overCases.value).toBeCloseTo(differences[0]!, 12);
    expect(comparison!.overCases.lower).toBeGreaterThan(0);
    expect(comparison!.pValue).toBeLessThan(0.05);
  });

  it("finds no difference between a model and itself", () => {
    const twin = { ...weak[0]!, record: { ...weak[0]!.record, method: "twin" } };
    const [comparison] = compareMethods([weak[0]!, twin], "brierScore", split);
    expect(comparison).toMatchObject({ overSeeds: null, overCases: { value: 0, lower: 0, upper: 0 }, pValue: 1 });
  });

  it("pairs seeds by their number, and is not defined where one is missing", () => {
    const [comparison] = compareMethods([...weak, strong[0]!, model("lora", 7, 2)], "rocAuc", split);
    expect(comparison!.overSeeds).toMatchObject({ value: null, reason: "not defined for every seed" });
  });

  it("has nothing to say of one method or none", () => {
    expect(compareMethods(weak, "rocAuc", split)).toEqual([]);
    expect(compareMethods([], "rocAuc", split)).toEqual([]);
  });
});

describe("referenceMethod", () => {
  it("is scratch where it is there, otherwise the first", () => {
    expect(referenceMethod([model("lora", 1, 1), model("scratch", 1, 1)])).toBe("scratch");
    expect(referenceMethod([model("lora", 1, 1), model("probe", 1, 1)])).toBe("lora");
    expect(referenceMethod([])).toBeUndefined();
  });
});
