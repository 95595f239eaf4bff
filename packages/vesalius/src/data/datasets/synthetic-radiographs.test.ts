import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datasetCardSchema } from "../dataset-card.ts";
import type { ImageDataset, ImageSplit } from "../image-dataset.ts";
import { syntheticRadiographs, type SyntheticRadiographOptions } from "./synthetic-radiographs.ts";

const small = { train: 40, validation: 12, test: 20 };
const pixelsOf = (split: ImageSplit): Uint8Array => {
  if (split.images.kind !== "memory") throw new TypeError("expected pixels in memory");
  return split.images.pixels;
};
const splitsOf = (dataset: ImageDataset): ImageSplit[] =>
  [dataset.train, dataset.validation, dataset.test].filter((split) => split !== undefined);
const hashOf = (dataset: ImageDataset): string => {
  const hash = createHash("sha256");
  for (const split of splitsOf(dataset)) {
    hash
      .update(pixelsOf(split))
      .update(JSON.stringify([split.ids, [...split.labels!], split.groups, split.attributes]));
  }
  return hash.digest("hex");
};
const rowsAt = (split: ImageSplit, site: string): number[] =>
  split.attributes["site"]!.flatMap((value, row) => (value === site ? [row] : []));
const positives = (split: ImageSplit, rows: readonly number[]): number =>
  rows.filter((row) => split.labels![row] === 1).length;

describe("syntheticRadiographs", () => {
  const cohort = syntheticRadiographs();

  it("gives the default splits with every column as long as the images", () => {
    expect(splitsOf(cohort).map((split) => [split.name, split.length])).toEqual([
      ["train", 1600],
      ["validation", 400],
      ["test", 1000],
    ]);
    expect(cohort).toMatchObject({ channels: 1, height: 28, width: 28, labels: ["clear", "opacity"] });
    for (const split of splitsOf(cohort)) {
      expect(split.images).toMatchObject({ kind: "memory", count: split.length, channels: 1, height: 28, width: 28 });
      expect(pixelsOf(split)).toHaveLength(split.length * 28 * 28);
      const columns = [split.ids, split.labels!, split.groups!, ...Object.values(split.attributes)];
      for (const column of columns) expect(column).toHaveLength(split.length);
      expect(new Set(split.ids).size).toBe(split.length);
    }
  });

  it("keeps pixels where another thread can see them", () => {
    expect(pixelsOf(cohort.train).buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("has the stated prevalence at each site, B above A, and their mean at the requested one", () => {
    for (const split of splitsOf(cohort)) {
      const [a, b] = [rowsAt(split, "A"), rowsAt(split, "B")];
      expect(a.length + b.length).toBe(split.length);
      expect(positives(split, a)).toBe(Math.round(0.2625 * a.length));
      expect(positives(split, b)).toBe(Math.round(0.4375 * b.length));
    }
    const train = cohort.train.labels!.reduce((sum, label) => sum + label, 0) / cohort.train.length;
    expect(train).toBeCloseTo(0.35, 1);
  });

  it("takes one prevalence for each site", () => {
    const { train } = syntheticRadiographs({ count: small, prevalence: { A: 0.5, B: 0.1 } });
    const [a, b] = [rowsAt(train, "A"), rowsAt(train, "B")];
    expect(positives(train, a)).toBe(Math.round(0.5 * a.length));
    expect(positives(train, b)).toBe(Math.round(0.1 * b.length));
  });

  it("has one site, sex and near age for each patient, some with two images, and no patient in two splits", () => {
    const seen = new Map<string, string>();
    for (const split of splitsOf(cohort)) {
      const { site, sex, age } = split.attributes;
      split.groups!.forEach((group, row) => {
        const person = `${split.name} ${site![row]} ${sex![row]} ${age![row]}`;
        expect(seen.get(group) ?? person).toBe(person);
        seen.set(group, person);
        expect(["A", "B"]).toContain(site![row]);
        expect(["female", "male"]).toContain(sex![row]);
        expect(age![row]).toBeGreaterThanOrEqual(18);
        expect(age![row]).toBeLessThanOrEqual(90);
      });
    }
    const repeated = cohort.train.length - new Set(cohort.train.groups).size;
    expect(repeated / cohort.train.length).toBeGreaterThan(0.1);
    expect(repeated / cohort.train.length).toBeLessThan(0.3);
  });

  it("keeps the label apart from sex and age", () => {
    const { labels, attributes } = cohort.train;
    const share = (rows: number[]): number => rows.reduce((sum, row) => sum + labels![row]!, 0) / rows.length;
    const rows = Array.from({ length: cohort.train.length }, (_, row) => row);
    // Three standard errors of a difference of two shares of about 800 images each.
    const women = rows.filter((row) => attributes["sex"]![row] === "female");
    const men = rows.filter((row) => attributes["sex"]![row] === "male");
    expect(Math.abs(share(women) - share(men))).toBeLessThan(0.072);
    const old = rows.filter((row) => Number(attributes["age"]![row]) > 56);
    const young = rows.filter((row) => Number(attributes["age"]![row]) <= 56);
    expect(Math.abs(share(old) - share(young))).toBeLessThan(0.072);
  });

  it("uses the range of grey levels without drowning in black or white", () => {
    const pixels = pixelsOf(cohort.train);
    const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    expect(mean).toBeGreaterThan(90);
    expect(mean).toBeLessThan(160);
    const white = pixels.reduce((sum, value) => sum + (value === 255 ? 1 : 0), 0) / pixels.length;
    expect(white).toBeLessThan(0.03);
    expect(Math.max(...pixels.subarray(0, 784 * 50))).toBeGreaterThan(200);
    expect(Math.min(...pixels.subarray(0, 784 * 50))).toBeLessThan(20);
  });

  it("has no two equal images", () => {
    const images = splitsOf(cohort).flatMap((split) =>
      Array.from({ length: split.length }, (_, i) =>
        createHash("sha1")
          .update(pixelsOf(split).subarray(i * 784, (i + 1) * 784))
          .digest("hex"),
      ),
    );
    expect(new Set(images).size).toBe(3000);
  });

  it("is equal bit for bit for equal options, and different for another seed", () => {
    const options = { count: small, imageSize: 32, seed: 5 };
    const hash = hashOf(syntheticRadiographs(options));
    expect(hashOf(syntheticRadiographs(options))).toBe(hash);
    expect(hashOf(syntheticRadiographs({ ...options, seed: 6 }))).not.toBe(hash);
  });

  it("is the same cohort on every platform and release; a change here changes every figure made with it", () => {
    expect(hashOf(syntheticRadiographs({ count: small }))).toBe(
      "332ed28e52e9f149fb01961041f86d549f6193f0d622af16d5c6e8e349b94d3a",
    );
  });

  it("draws the anatomy of a split whatever the other splits hold", () => {
    const alone = syntheticRadiographs({ count: { ...small, validation: 0, test: 0 } });
    const together = syntheticRadiographs({ count: small });
    expect(alone.validation).toBeUndefined();
    expect(alone.test).toBeUndefined();
    expect(Buffer.from(pixelsOf(alone.train)).equals(pixelsOf(together.train))).toBe(true);
  });

  it("draws the same patient at any image size", () => {
    const fine = pixelsOf(syntheticRadiographs({ count: { train: 6, validation: 0, test: 0 }, imageSize: 112 }).train);
    const coarse = pixelsOf(syntheticRadiographs({ count: { train: 6, validation: 0, test: 0 }, imageSize: 28 }).train);
    const pooled = Float64Array.from(coarse, (_, i) => {
      const [image, row, column] = [Math.floor(i / 784), Math.floor((i % 784) / 28), i % 28];
      let sum = 0;
      for (let k = 0; k < 16; k++) {
        sum += fine[(image * 112 + row * 4 + Math.floor(k / 4)) * 112 + column * 4 + (k % 4)]!;
      }
      return sum / 16;
    });
    const apart = pooled.reduce((sum, value, i) => sum + Math.abs(value - coarse[i]!), 0) / pooled.length;
    expect(apart).toBeLessThan(8);
  });

  it("holds its promises for any valid options", () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.record({ train: fc.integer({ min: 1, max: 12 }), validation: fc.nat(4), test: fc.nat(6) }),
          imageSize: fc.integer({ min: 16, max: 40 }),
          seed: fc.nat(),
          prevalence: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        }),
        (options) => {
          const dataset = syntheticRadiographs(options);
          const groups = splitsOf(dataset).map((split) => new Set(split.groups));
          for (const split of splitsOf(dataset)) {
            expect(split.length).toBe(options.count[split.name]);
            expect(pixelsOf(split)).toHaveLength(split.length * options.imageSize ** 2);
          }
          for (const [i, one] of groups.entries()) {
            for (const other of groups.slice(i + 1)) expect([...one].filter((group) => other.has(group))).toEqual([]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it("says that it is synthetic, which options made it, and states figures for the default cohort only", () => {
    expect(datasetCardSchema.parse(cohort.card)).toEqual(cohort.card);
    expect(cohort.card.title).toBe("Synthetic radiographs (computer-generated, no patient)");
    expect(cohort.card.licence).toBe("CC0 1.0");
    expect(cohort.card.cautions[0]).toContain("Synthetic");
    expect(cohort.card.baselines.map((one) => one.model)).toContain("ridge regression on standardised pixels");
    const other = syntheticRadiographs({ count: small, seed: 9 });
    expect(other.card.baselines).toEqual([]);
    expect(other.card["generator"]).toEqual({ count: small, imageSize: 28, seed: 9, prevalence: 0.35 });
  });

  it.each<[string, unknown]>([
    ["count.train", { count: { train: 0 } }],
    ["count.test", { count: { test: -1 } }],
    ["imageSize", { imageSize: 15 }],
    ["imageSize", { imageSize: 257 }],
    ["imageSize", { imageSize: 28.5 }],
    ["seed", { seed: -1 }],
    ["seed", { seed: Number.NaN }],
    ["prevalence", { prevalence: 0 }],
    ["prevalence", { prevalence: { A: 0.2 } }],
    ["size", { size: 28 }],
  ])("refuses a bad %s: %j", (where, options) => {
    expect(() => syntheticRadiographs(options as SyntheticRadiographOptions)).toThrow(
      expect.objectContaining({ name: "VesaliusError", code: "bad-argument", message: expect.stringContaining(where) }),
    );
  });
});
