import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Split } from "../split.ts";
import { samplers } from "./index.ts";

const splitOf = (groups: readonly string[] | undefined, length = groups!.length): Split => ({
  name: "train",
  length,
  ids: Array.from({ length }, (_, i) => `${i}`),
  groups,
  attributes: {},
  columns: {},
});

const orderOf = (groups: readonly string[], rows: number, together = 4, seed = 1) =>
  samplers
    .create({ name: "grouped", together })
    .order({ split: splitOf(groups), seed, rows: [rows], bucketOf: undefined });

describe("the sampler grouped", () => {
  it("shows every example at most once an epoch, and all but what fills no last batch", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 2, max: 5 }),
        (drawn, rows, together) => {
          const order = orderOf(drawn.map(String), rows, together);
          const seen = Array.from({ length: order.stepsPerEpoch }, (_, step) => [...order.at(step).rows]).flat();
          expect(new Set(seen).size).toBe(seen.length);
          expect(drawn.length - seen.length).toBeLessThan(rows);
        },
      ),
    );
  });

  it("puts examples of a group into one batch, no more than were asked for", () => {
    const groups = Array.from({ length: 240 }, (_, row) => `${row % 30}`);
    const order = orderOf(groups, 16, 4);
    for (let step = 0; step < 15; step++) {
      const counts = new Map<string, number>();
      for (const row of order.at(step).rows) counts.set(groups[row]!, (counts.get(groups[row]!) ?? 0) + 1);
      // Each group has two pieces of four, which stand in one batch once in a while.
      expect([...counts.values()].every((count) => count % 4 === 0)).toBe(true);
      expect(counts.size).toBeGreaterThan(1);
    }
  });

  it("draws another order every epoch and for every seed, and the same one whenever it is asked", () => {
    const groups = Array.from({ length: 64 }, (_, row) => `${row % 8}`);
    const first = orderOf(groups, 16);
    expect(first.at(4).rows).not.toEqual(first.at(0).rows);
    expect(orderOf(groups, 16, 4, 2).at(0).rows).not.toEqual(first.at(0).rows);
    expect(orderOf(groups, 16).at(9)).toEqual(first.at(9));
  });

  it("takes all of a split that is smaller than a batch, and refuses one without groups", () => {
    expect(orderOf(["a", "b", "a"], 16).at(3).rows.toSorted()).toEqual(Int32Array.of(0, 1, 2));
    const sampler = samplers.create({ name: "grouped" });
    const context = { split: splitOf(undefined, 3), seed: 1, rows: [2], bucketOf: undefined };
    expect(() => sampler.order(context)).toThrow(/no groups/);
  });
});
