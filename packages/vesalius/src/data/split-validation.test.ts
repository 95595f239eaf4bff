import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failure, makeDataset, makeSplit } from "./data.test.helper.ts";
import { findLeaks } from "./leakage.ts";
import { splitValidation } from "./split-validation.ts";

const names = ["normal", "pneumonia"];

describe("splitValidation", () => {
  it("takes the stated share of every class", () => {
    const labels = Int32Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const { train, validation } = splitValidation(makeDataset(makeSplit(400, { labels }), { labels: names }), {
      fraction: 0.1,
      seed: 3,
    });
    const positives = validation!.labels!.filter((label) => label === 1).length;
    expect([train.length, validation!.length, positives]).toEqual([360, 40, 10]);
    expect(validation!.name).toBe("validation");
    expect(new Set([...train.ids, ...validation!.ids]).size).toBe(400);
  });

  it("never parts a group or identical images, loses no image, and leaves every class in training", () => {
    const row = fc.record({
      label: fc.integer({ min: 0, max: 1 }),
      group: fc.integer({ min: 0, max: 15 }),
      content: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 20, maxLength: 80 }),
        fc.double({ min: 0.05, max: 0.5, noNaN: true }),
        fc.integer(),
        (rows, fraction, seed) => {
          const split = makeSplit(rows.length, {
            labels: Int32Array.from(rows, ({ label }) => label),
            groups: rows.map(({ group }) => `p${group}`),
            fingerprints: rows.map(({ content }) => `c${content}`),
          });
          let divided: ReturnType<typeof splitValidation>;
          try {
            divided = splitValidation(makeDataset(split, { labels: names }), { fraction, seed });
          } catch (error) {
            // Chains of shared groups and contents can tie everything together; then there is nothing to divide.
            expect(error).toMatchObject({ code: "bad-data" });
            return;
          }
          expect(findLeaks(divided.train, divided.validation!)).toEqual([]);
          expect([...divided.train.ids, ...divided.validation!.ids].sort()).toEqual([...split.ids].sort());
          expect(new Set(divided.train.labels)).toEqual(new Set(split.labels));
        },
      ),
    );
  });

  it("divides grouped data near the share, at the same place for the same seed only", () => {
    const groups = Array.from({ length: 300 }, (_, i) => `p${Math.floor(i / 5)}`);
    const labels = Int32Array.from({ length: 300 }, (_, i) => Math.floor(i / 5) % 2);
    const dataset = makeDataset(makeSplit(300, { groups, labels }), { labels: names });
    const first = splitValidation(dataset, { fraction: 0.2, seed: 1 });
    expect(first.validation!.length).toBe(60);
    expect(splitValidation(dataset, { fraction: 0.2, seed: 1 }).validation!.ids).toEqual(first.validation!.ids);
    expect(splitValidation(dataset, { fraction: 0.2, seed: 2 }).validation!.ids).not.toEqual(first.validation!.ids);
  });

  it("gives a rare class to both sides, and unlabelled data by number", () => {
    const labels = Int32Array.from({ length: 50 }, (_, i) => (i < 2 ? 1 : 0));
    const rare = splitValidation(makeDataset(makeSplit(50, { labels }), { labels: names }), { fraction: 0.1, seed: 0 });
    expect(rare.validation!.labels).toContain(1);
    expect(rare.train.labels).toContain(1);
    expect(splitValidation(makeDataset(makeSplit(50)), { fraction: 0.1, seed: 0 }).validation!.length).toBe(5);
  });

  it("refuses a second validation split, a single group, and fractions outside (0, 1)", async () => {
    const split = makeSplit(4);
    const done = makeDataset(split, { validation: makeSplit(1, { name: "validation" }) });
    expect((await failure(() => splitValidation(done, { fraction: 0.5, seed: 0 }))).message).toContain("already");
    const single = makeDataset(makeSplit(4, { groups: ["p", "p", "p", "p"] }));
    expect((await failure(() => splitValidation(single, { fraction: 0.5, seed: 0 }))).code).toBe("bad-data");
    for (const fraction of [0, 1, NaN]) {
      expect((await failure(() => splitValidation(makeDataset(split), { fraction, seed: 0 }))).code).toBe(
        "bad-argument",
      );
    }
  });
});
