import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitOf } from "../columns/columns.test.helper.ts";
import { classesColumn, columnOf, eventsColumn, textsColumn } from "../index.ts";
import { failure } from "../data.test.helper.ts";
import { datasetCardSchema } from "../dataset-card.ts";
import type { Dataset, Split } from "../split.ts";
import { findLeaks } from "./leakage.ts";
import { splitDataset, splitValidation, strataOf } from "./split-dataset.ts";

const card = datasetCardSchema.parse({ name: "made" });
const datasetOf = (train: Split, others: Record<string, Split> = {}): Dataset => ({
  name: "made",
  card,
  unit: "examples",
  splits: { train, ...others },
  tables: {},
});
const labelled = (labels: readonly number[], groups?: readonly string[]): Split =>
  splitOf({ label: classesColumn(["no", "yes"], labels) }, { groups });
const positives = (split: Split | undefined): number =>
  columnOf(split!, "label", "classes").values.reduce((a, b) => a + b, 0);

describe("splitValidation", () => {
  it("takes the stated share of every class", () => {
    const dataset = datasetOf(labelled(Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0))));
    const { train, validation } = splitValidation(dataset, { fraction: 0.1, seed: 3 }).splits;
    expect([train!.length, validation!.length, positives(validation)]).toEqual([360, 40, 10]);
    expect(new Set([...train!.ids, ...validation!.ids]).size).toBe(400);
    // Rows of published runs, which must not change.
    expect(validation!.ids.slice(0, 5)).toEqual(["train/12", "train/17", "train/21", "train/27", "train/53"]);
  });

  it("never parts a group or identical content, loses nothing, and leaves every class in training", () => {
    const row = fc.record({ label: fc.nat({ max: 1 }), group: fc.nat({ max: 15 }), content: fc.nat({ max: 60 }) });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 20, maxLength: 80 }),
        fc.double({ min: 0.05, max: 0.5, noNaN: true }),
        fc.integer(),
        (rows, fraction, seed) => {
          const text = textsColumn(rows.map(({ content }) => `one two three four five six seven ${content}`));
          const split = splitOf(
            {
              label: classesColumn(
                ["no", "yes"],
                rows.map(({ label }) => label),
              ),
              text,
            },
            { groups: rows.map(({ group }) => `p${group}`) },
          );
          let divided: Dataset["splits"];
          try {
            divided = splitValidation(datasetOf(split), { fraction, seed }).splits;
          } catch (error) {
            // Chains of shared groups and contents can tie everything together; then there is nothing to divide.
            expect(error).toMatchObject({ code: "bad-data" });
            return;
          }
          const { train, validation } = divided;
          expect(findLeaks(train!, validation!)).toEqual([]);
          expect([...train!.ids, ...validation!.ids].sort()).toEqual([...split.ids].sort());
          expect(new Set(columnOf(train!, "label", "classes").values)).toEqual(new Set(rows.map(({ label }) => label)));
        },
      ),
    );
  });

  it("gives a rare class to both sides, and divides by number where nothing is labelled", () => {
    const rare = splitValidation(datasetOf(labelled(Array.from({ length: 50 }, (_, i) => Number(i < 2)))), {
      fraction: 0.1,
      seed: 0,
    }).splits;
    expect([positives(rare["train"]), positives(rare["validation"])]).toEqual([1, 1]);
    const unlabelled = splitOf({ text: textsColumn(Array.from({ length: 50 }, (_, i) => `text ${i}`)) });
    expect(splitValidation(datasetOf(unlabelled), { fraction: 0.1, seed: 0 }).splits["validation"]!.length).toBe(5);
  });

  it("refuses to divide again, and what cannot be divided", async () => {
    const split = labelled([0, 1, 0, 1], ["p", "p", "p", "p"]);
    const again = datasetOf(split, { validation: { ...split, name: "validation" } });
    expect((await failure(() => splitValidation(again, { fraction: 0.5, seed: 1 }))).code).toBe("bad-argument");
    expect((await failure(() => splitValidation(datasetOf(split), { fraction: 0.5, seed: 1 }))).message).toContain(
      "1 groups",
    );
    expect((await failure(() => splitValidation(datasetOf(split), { fraction: 2, seed: 1 }))).message).toContain(
      "fraction",
    );
  });
});

describe("splitDataset", () => {
  const dataset = datasetOf(
    labelled(
      Array.from({ length: 300 }, (_, i) => Math.floor(i / 3) % 2),
      Array.from({ length: 300 }, (_, i) => `p${Math.floor(i / 3)}`),
    ),
  );

  it("divides by group in the shares and proportions asked for, and says so", () => {
    const divided = splitDataset(dataset, { shares: "80/10/10" });
    const { train, validation, test } = divided.splits;
    expect([train!.length, validation!.length, test!.length]).toEqual([240, 30, 30]);
    expect([positives(validation), positives(test)]).toEqual([15, 15]);
    expect([...findLeaks(train!, validation!), ...findLeaks(train!, test!), ...findLeaks(validation!, test!)]).toEqual(
      [],
    );
    expect(divided.card.cautions[0]).toContain("80/10/10");
  });

  it("makes two parts of two shares, the same for the same seed only", () => {
    const ids = (seed: number): readonly string[] =>
      splitDataset(dataset, { shares: "3/1", seed }).splits["validation"]!.ids;
    expect(Object.keys(splitDataset(dataset, { shares: "3/1" }).splits)).toEqual(["train", "validation"]);
    expect(ids(0)).toEqual(ids(0));
    expect(ids(0)).not.toEqual(ids(1));
  });

  it("refuses data that are divided, and shares that say nothing", async () => {
    const divided = splitDataset(dataset, { shares: "80/20" });
    expect((await failure(() => splitDataset(divided, { shares: "80/20" }))).message).toContain("divided already");
    for (const shares of ["80", "80/0", "a/b", "1/1/1/1"])
      expect((await failure(() => splitDataset(dataset, { shares }))).code).toBe("bad-argument");
  });
});

describe("strataOf", () => {
  it("takes the label, the only column that has strata, or the one that is named", async () => {
    const event = eventsColumn([1, 2, Number.NaN], [1, 0, 0]);
    const other = classesColumn(["a", "b"], [1, 1, 0]);
    expect(strataOf(splitOf({ event }))).toEqual(Int32Array.of(1, 0, -1));
    expect(strataOf(splitOf({ event, other }))).toBeUndefined();
    expect(strataOf(splitOf({ event, label: other }))).toEqual(other.values);
    expect(strataOf(splitOf({ event, other }), "event")).toEqual(Int32Array.of(1, 0, -1));
    expect((await failure(() => strataOf(splitOf({ text: textsColumn(["a"]) }), "text"))).message).toContain(
      "no strata",
    );
  });
});
