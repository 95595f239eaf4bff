import { describe, expect, it } from "vitest";
import type { Split } from "../data/index.ts";
import { imagesColumn } from "../data/index.ts";
import { sumOf } from "../graph/index.ts";
import { vit } from "../models/index.ts";
import { simclr } from "./contrastive/simclr.ts";
import { maskedImageModelling } from "./generative/masked-image-modelling.ts";
import { type HeldOut, heldOut } from "./held-out.test.helper.ts";
import type { Objective } from "./objective.ts";
import { objectives } from "./objectives.ts";
import { pretrain } from "./pretrain.ts";
import { showObjective } from "./show-objective.ts";
import { weighted } from "./weighted.ts";
import { roleParts } from "../tasks/index.ts";
import { randomStream } from "../common/random.ts";

const side = 8;

function noise(name: string, length: number): Split {
  const stream = randomStream(1, name);
  const pixels = Uint8Array.from({ length: length * side * side }, () => stream.integer(256));
  return {
    name,
    length,
    ids: Array.from({ length }, (_, row) => `${name}/${row}`),
    groups: undefined,
    attributes: {},
    columns: { image: imagesColumn(pixels, { channels: 1, height: side, width: side }) },
  };
}

const split = noise("train", 32);
const shape = vit({ imageSize: side, patchSize: 4, channels: 1, width: 16, depth: 1, heads: 2, pooling: "mean" });
const reconstruction = maskedImageModelling({ maskRatio: 0.5, decoder: { width: 16, depth: 1, heads: 2 } });
const options = { steps: 4, batchSize: 16, seed: 1, workers: 0, transforms: [] };

/** Says how large the pooled features are, and which part they come from. */
const size = (role: string, name = "size"): Objective => ({
  name,
  settings: {},
  feeds: (backbone) => ({ parts: { [role]: roleParts(backbone)["image"]! } }),
  loss: ({ features }) => ({ loss: sumOf(features({ image: role }).pooled) }),
});

describe("weighted", () => {
  it("adds weighted losses, and records and shows each objective's own", async () => {
    const objective = weighted([
      { objective: reconstruction, weight: 2 },
      { objective: simclr(), weight: 0.25 },
    ]);
    const backbone = await pretrain(shape, objective, split, options);
    const { after } = await heldOut(backbone, objective, noise("validation", 16));
    expect(Object.keys(after)).toEqual([
      "loss",
      "maskedImageModelling.loss",
      "simclr.loss",
      "simclr.accuracy",
      "simclr.positiveCosine",
      "simclr.negativeCosine",
    ]);
    expect(after["loss"]).toBeCloseTo(2 * after["maskedImageModelling.loss"]! + 0.25 * after["simclr.loss"]!, 4);
    expect(Object.keys(backbone.pretraining.result.history.at(-1)!.terms!)).toEqual(Object.keys(after).slice(1));
    const sections = await showObjective(backbone, objective, split);
    expect(sections.map(({ kind }) => kind)).toContain("lines");
    expect([...backbone.weights.keys()].filter((name) => /decoder|simclr|mask_token/.test(name))).toEqual([]);
  });

  it("feeds equal parts once and shares their features; another part of the same name gets its own", async () => {
    const blurred: Objective = {
      ...size("image", "cropped"),
      feeds: (backbone) => ({
        parts: { image: { ...roleParts(backbone)["image"]!, transforms: [{ name: "randomGaussianNoise" }] } },
      }),
    };
    const objective = weighted([
      { objective: size("image"), weight: 1 },
      { objective: size("image"), weight: 1 },
      { objective: blurred, weight: 1 },
    ]);
    const backbone = await pretrain(shape, objective, split, { ...options, steps: 1 });
    expect(Object.keys(objective.feeds(backbone).parts)).toEqual(["image", "image2"]);
    const { after } = (await heldOut(backbone, objective, split)) as { after: HeldOut };
    expect(after["size2.loss"]).toBe(after["size.loss"]);
    expect(after["cropped.loss"]).not.toBe(after["size.loss"]);
  });

  it("has a part that follows another follow it under its new name", async () => {
    const parts = { text: { columns: ["text"], encoder: { name: "tokens" } } };
    const labels = { columns: ["text"], encoder: { name: "labels" }, target: true, extentOf: "text" };
    const feeding = (encoder: string): Objective => ({
      ...size("text", encoder),
      feeds: () => ({ parts: { target: labels, text: { ...parts.text, encoder: { name: encoder } } } }),
    });
    const both = weighted([
      { objective: feeding("tokens"), weight: 1 },
      { objective: feeding("maskedTokens"), weight: 1 },
    ]);
    const united = both.feeds(await pretrain(shape, reconstruction, split, options)).parts;
    expect(Object.fromEntries(Object.entries(united).map(([name, part]) => [name, part.extentOf]))).toEqual({
      text: undefined,
      target: "text",
      text2: undefined,
      target2: "text2",
    });
  });

  it("is made from plain data, mixtures of mixtures too, and comes back from its settings", () => {
    const spec = {
      name: "weighted",
      objectives: [
        { objective: { name: "simclr", temperature: 0.1 } },
        { objective: { name: "weighted", objectives: [{ objective: { name: "contrast" }, weight: 3 }] }, weight: 2 },
      ],
    };
    const made = objectives.create(spec);
    const { name, settings } = made;
    expect(objectives.create({ name, ...settings }).settings).toEqual(settings);
    expect(settings).toMatchObject({ objectives: [{ weight: 1 }, { weight: 2 }] });
  });

  it("refuses an empty mixture, an unknown objective, a weight of 0 and objectives that do not go together", () => {
    expect(() => weighted([])).toThrow(/needs objectives/);
    const of = (objective: object, weight = 1) => ({ name: "weighted", objectives: [{ objective, weight }] });
    expect(() => objectives.create(of({ name: "unknown" }))).toThrow(/objectives\.0\.objective/);
    expect(() => objectives.create(of({ name: "simclr", temprature: 1 }))).toThrow(/temprature/);
    expect(() => objectives.create(of({ name: "simclr" }, 0))).toThrow(/weight/);
    const ordered = (sampler: string): Objective => ({
      ...size("image", sampler),
      feeds: () => ({ parts: {}, sampler: { name: sampler } }),
    });
    const both = [ordered("shuffled"), ordered("weighted")].map((objective) => ({ objective, weight: 1 }));
    expect(() => weighted(both).feeds(shape)).toThrow(/different orders/);
  });
});
