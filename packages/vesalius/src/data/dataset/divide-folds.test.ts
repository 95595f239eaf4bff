import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitOf } from "../columns/columns.test.helper.ts";
import { classesColumn } from "../index.ts";
import { divideFolds } from "./divide-folds.ts";

const labelled = (labels: readonly number[], groups?: readonly string[]) =>
  splitOf({ label: classesColumn(["no", "yes", "rare"], labels) }, { groups });

describe("divideFolds", () => {
  it("puts every example into one fold and never parts a group", () => {
    const row = fc.record({ label: fc.nat({ max: 2 }), group: fc.nat({ max: 20 }) });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 30, maxLength: 90 }),
        fc.integer({ min: 2, max: 5 }),
        fc.integer(),
        (rows, folds, seed) => {
          const groups = rows.map(({ group }) => `p${group}`);
          fc.pre(new Set(groups).size >= folds);
          const strata = Int32Array.from(rows, ({ label }) => label);
          const divided = divideFolds(labelled([...strata], groups), { folds, seed, strata });
          expect(divided.flat().sort((a, b) => a - b)).toEqual(rows.map((_, at) => at));
          const folded = divided.map((of) => new Set(of.map((at) => groups[at])));
          expect(folded.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(groups).size);
          expect(divided.every(({ length }) => length > 0)).toBe(true);
        },
      ),
    );
  });

  it("spreads each class evenly, the rare one too, and folds are of one size", () => {
    const strata = Int32Array.from({ length: 203 }, (_, at) => (at % 25 === 0 ? 2 : at % 2));
    const folds = divideFolds(labelled([...strata]), { folds: 5, seed: 4, strata });
    for (const stratum of [0, 1, 2]) {
      const counts = folds.map((rows) => rows.filter((at) => strata[at] === stratum).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
    const sizes = folds.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it("divides the same for one seed and otherwise for another", () => {
    const split = labelled(Array.from({ length: 40 }, (_, at) => at % 2));
    const divide = (seed: number) => divideFolds(split, { folds: 4, seed });
    expect(divide(1)).toEqual(divide(1));
    expect(divide(1)).not.toEqual(divide(2));
  });

  it("refuses one fold, and more folds than groups", () => {
    const split = labelled([0, 1, 0, 1], ["a", "a", "b", "b"]);
    expect(() => divideFolds(split, { folds: 1, seed: 1 })).toThrow(/2 or more|nothing to compare/);
    expect(() => divideFolds(split, { folds: 3, seed: 1 })).toThrow(/2 groups cannot be divided into 3 folds/);
  });
});
