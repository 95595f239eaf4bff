import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failure, makeSplit } from "./data.test.helper.ts";
import { stratifiedSample } from "./stratified-sample.ts";

const arbitrary = fc.record({
  labels: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 80 }),
  seed: fc.integer(),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

function counts(labels: Int32Array | undefined): number[] {
  const found = [0, 0, 0, 0, 0];
  for (const label of labels ?? []) found[label]!++;
  return found;
}

describe("stratifiedSample", () => {
  it("has the size asked for, one of every class, and shares within one image of proportion once all have one", () => {
    fc.assert(
      fc.property(arbitrary, ({ labels, seed, share }) => {
        const split = makeSplit(labels.length, { labels: Int32Array.from(labels) });
        const before = counts(split.labels);
        const present = before.filter((count) => count > 0).length;
        const count = present + Math.floor(share * (labels.length - present));
        const after = counts(stratifiedSample(split, count, seed).labels);
        expect(after.reduce((a, b) => a + b)).toBe(count);
        for (const [label, size] of before.entries()) {
          expect(after[label]! > 0).toBe(size > 0);
          expect(after[label]).toBeLessThanOrEqual(size);
        }
      }),
    );
  });

  it("contains every smaller sample of the same seed", () => {
    fc.assert(
      fc.property(arbitrary, ({ labels, seed }) => {
        const split = makeSplit(labels.length, { labels: Int32Array.from(labels) });
        let smaller = new Set<string>();
        for (let count = new Set(labels).size; count <= labels.length; count++) {
          const larger = new Set(stratifiedSample(split, count, seed).ids);
          expect([...smaller].every((id) => larger.has(id))).toBe(true);
          smaller = larger;
        }
      }),
      { numRuns: 20 },
    );
  });

  it("follows the proportions of the classes and the seed", () => {
    const split = makeSplit(100, { labels: Int32Array.from({ length: 100 }, (_, i) => (i < 75 ? 0 : 1)) });
    expect(counts(stratifiedSample(split, 20, 1).labels)).toEqual([15, 5, 0, 0, 0]);
    expect(stratifiedSample(split, 20, 1).ids).toEqual(stratifiedSample(split, 20, 1).ids);
    expect(stratifiedSample(split, 20, 1).ids).not.toEqual(stratifiedSample(split, 20, 2).ids);
  });

  it("refuses too few, too many, and splits without labels", async () => {
    const split = makeSplit(4, { labels: Int32Array.of(0, 1, 2, 2) });
    for (const count of [2, 5, 3.5]) {
      const error = await failure(() => stratifiedSample(split, count, 0));
      expect(error.fix).toContain("3 to 4");
    }
    expect((await failure(() => stratifiedSample(makeSplit(4), 2, 0))).message).toContain("without labels");
  });
});
