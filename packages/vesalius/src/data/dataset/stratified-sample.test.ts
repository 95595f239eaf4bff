import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitOf } from "../columns/columns.test.helper.ts";
import { classesColumn, columnOf } from "../index.ts";
import { failure } from "../data.test.helper.ts";
import type { Split } from "../split.ts";
import { stratifiedSample } from "./stratified-sample.ts";

const names = ["a", "b", "c", "d", "e"];
const splitWith = (labels: readonly number[]): Split => splitOf({ label: classesColumn(names, labels) });
const sample = (labels: readonly number[], count: number, seed: number): Split =>
  stratifiedSample(splitWith(labels), count, seed, Int32Array.from(labels));
const counts = (split: Split): number[] => {
  const found = [0, 0, 0, 0, 0];
  for (const label of columnOf(split, "label", "classes").values) found[label]!++;
  return found;
};
const arbitrary = fc.record({
  labels: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 80 }),
  seed: fc.integer(),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe("stratifiedSample", () => {
  it("has the size asked for and one of every class", () => {
    fc.assert(
      fc.property(arbitrary, ({ labels, seed, share }) => {
        const before = counts(splitWith(labels));
        const present = before.filter((count) => count > 0).length;
        const count = present + Math.floor(share * (labels.length - present));
        const after = counts(sample(labels, count, seed));
        expect(after.reduce((a, b) => a + b)).toBe(count);
        for (const [label, size] of before.entries()) {
          expect(after[label]! > 0).toBe(size > 0);
          expect(after[label]).toBeLessThanOrEqual(size);
        }
      }),
    );
  });

  it("contains every smaller sample of the same seed, with and without strata", () => {
    fc.assert(
      fc.property(arbitrary, fc.boolean(), ({ labels, seed }, stratified) => {
        const split = splitWith(labels);
        let smaller = new Set<string>();
        for (let count = new Set(labels).size; count <= labels.length; count++) {
          const strata = stratified ? Int32Array.from(labels) : undefined;
          const larger = new Set(stratifiedSample(split, count, seed, strata).ids);
          expect([...smaller].every((id) => larger.has(id))).toBe(true);
          smaller = larger;
        }
      }),
      { numRuns: 20 },
    );
  });

  it("follows proportions and seed, and draws the rows of published runs", () => {
    const labels = Array.from({ length: 100 }, (_, i) => (i < 75 ? 0 : 1));
    expect(counts(sample(labels, 20, 1))).toEqual([15, 5, 0, 0, 0]);
    expect(sample(labels, 6, 1).ids).toEqual(["train/27", "train/29", "train/36", "train/48", "train/73", "train/79"]);
    expect(sample(labels, 20, 1).ids).not.toEqual(sample(labels, 20, 2).ids);
  });

  it("never draws examples without a stratum", async () => {
    const strata = Int32Array.of(0, -1, 1, -1);
    const split = splitWith([0, 0, 1, 1]);
    expect(stratifiedSample(split, 2, 5, strata).ids).toEqual(["train/0", "train/2"]);
    expect((await failure(() => stratifiedSample(split, 3, 5, strata))).fix).toContain("2 to 2");
  });

  it("refuses too few and too many", async () => {
    for (const count of [2, 5, 3.5]) {
      const error = await failure(() => sample([0, 1, 2, 2], count, 0));
      expect(error.fix).toContain("3 to 4");
    }
  });
});
