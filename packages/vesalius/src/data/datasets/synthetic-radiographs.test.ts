import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datasetCardSchema } from "../dataset-card.ts";
import { columnOf } from "../dataset/rows.ts";
import type { Dataset, Split } from "../split.ts";
import { generators } from "./index.ts";
import { syntheticRadiographs, type SyntheticRadiographOptions } from "./synthetic-radiographs.ts";

const small = { train: 40, validation: 12, test: 20 };
const imageOf = (split: Split) => columnOf(split, "image", "images");
const pixelsOf = (split: Split): Uint8Array => {
  const { storage } = imageOf(split);
  if (storage.kind !== "memory") throw new TypeError("expected pixels in memory");
  return storage.pixels;
};
const labelsOf = (split: Split): Int32Array => columnOf(split, "label", "classes").values;
const splitsOf = (dataset: Dataset): Split[] => Object.values(dataset.splits);
const trainOf = (dataset: Dataset): Split => dataset.splits["train"]!;
const hashOf = (dataset: Dataset): string => {
  const hash = createHash("sha256");
  for (const split of splitsOf(dataset)) {
    hash
      .update(pixelsOf(split))
      .update(JSON.stringify([split.ids, [...labelsOf(split)], split.groups, split.attributes]));
  }
  return hash.digest("hex");
};
const rowsAt = (split: Split, site: string): number[] =>
  split.attributes["site"]!.flatMap((value, row) => (value === site ? [row] : []));
const positives = (split: Split, rows: readonly number[]): number =>
  rows.filter((row) => labelsOf(split)[row] === 1).length;

describe("syntheticRadiographs", () => {
  const cohort = syntheticRadiographs();

  it("gives the default splits with every column as long as the images", () => {
    expect(splitsOf(cohort).map((split) => [split.name, split.length])).toEqual([
      ["train", 1600],
      ["validation", 400],
      ["test", 1000],
    ]);
    expect(columnOf(trainOf(cohort), "label", "classes").names).toEqual(["clear", "opacity"]);
    for (const split of splitsOf(cohort)) {
      expect(imageOf(split)).toMatchObject({ length: split.length, storage: { channels: 1, height: 28, width: 28 } });
      expect(pixelsOf(split)).toHaveLength(split.length * 28 * 28);
      const columns = [split.ids, labelsOf(split), split.groups!, ...Object.values(split.attributes)];
      for (const column of columns) expect(column).toHaveLength(split.length);
      expect(new Set(split.ids).size).toBe(split.length);
    }
  });

  it("keeps pixels where another thread can see them", () => {
    expect(pixelsOf(trainOf(cohort)).buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("has the stated prevalence at each site, B above A, and their mean at the requested one", () => {
    for (const split of splitsOf(cohort)) {
      const [a, b] = [rowsAt(split, "A"), rowsAt(split, "B")];
      expect(a.length + b.length).toBe(split.length);
      expect(positives(split, a)).toBe(Math.round(0.2625 * a.length));
      expect(positives(split, b)).toBe(Math.round(0.4375 * b.length));
    }
    const train = labelsOf(trainOf(cohort)).reduce((sum, label) => sum + label, 0) / trainOf(cohort).length;
    expect(train).toBeCloseTo(0.35, 1);
  });

  it("takes one prevalence for each site", () => {
    const train = trainOf(syntheticRadiographs({ count: small, prevalence: { A: 0.5, B: 0.1 } }));
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
    const repeated = trainOf(cohort).length - new Set(trainOf(cohort).groups).size;
    expect(repeated / trainOf(cohort).length).toBeGreaterThan(0.1);
    expect(repeated / trainOf(cohort).length).toBeLessThan(0.3);
  });

  it("keeps the label apart from sex and age", () => {
    const labels = labelsOf(trainOf(cohort));
    const { attributes } = trainOf(cohort);
    const share = (rows: number[]): number => rows.reduce((sum, row) => sum + labels[row]!, 0) / rows.length;
    const rows = Array.from({ length: trainOf(cohort).length }, (_, row) => row);
    // Three standard errors of a difference of two shares of about 800 images each.
    const women = rows.filter((row) => attributes["sex"]![row] === "female");
    const men = rows.filter((row) => attributes["sex"]![row] === "male");
    expect(Math.abs(share(women) - share(men))).toBeLessThan(0.072);
    const old = rows.filter((row) => Number(attributes["age"]![row]) > 56);
    const young = rows.filter((row) => Number(attributes["age"]![row]) <= 56);
    expect(Math.abs(share(old) - share(young))).toBeLessThan(0.072);
  });

  it("uses the range of grey levels without drowning in black or white", () => {
    const pixels = pixelsOf(trainOf(cohort));
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
    expect(Object.keys(alone.splits)).toEqual(["train"]);
    expect(Buffer.from(pixelsOf(trainOf(alone))).equals(pixelsOf(trainOf(together)))).toBe(true);
  });

  it("draws the same patient at any image size", () => {
    const fine = pixelsOf(
      trainOf(syntheticRadiographs({ count: { train: 6, validation: 0, test: 0 }, imageSize: 112 })),
    );
    const coarse = pixelsOf(
      trainOf(syntheticRadiographs({ count: { train: 6, validation: 0, test: 0 }, imageSize: 28 })),
    );
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
            expect(split.length).toBe(options.count[split.name as keyof typeof options.count]);
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

  it("is listed by its name", () => {
    const made = generators.create({ name: "synthetic-radiographs", count: small });
    expect(hashOf(made)).toBe(hashOf(syntheticRadiographs({ count: small })));
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
