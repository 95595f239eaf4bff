import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bucketedOrder } from "../samplers/bucketed.ts";
import { chooseExtents, planBuckets } from "./buckets.ts";

const part = { columns: ["text"], encoder: { name: "tokens" } };

test("every example fits in its bucket, which is the smallest that holds it", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 200 }), (needed) => {
      const { list, bucketOf } = planBuckets(
        { parts: { text: part }, rows: 4, extents: {} },
        { text: Int32Array.from(needed) },
        {},
      );
      needed.forEach((need, row) => {
        const bucket = bucketOf?.[row] ?? list.length - 1;
        expect(list[bucket]!.extents["text"]).toBeGreaterThanOrEqual(need);
        if (bucket > 0) expect(list[bucket - 1]!.extents["text"]).toBeLessThan(need);
      });
      // Smaller shapes take as many more rows as fill the same area.
      for (const { extents, rows } of list)
        expect(rows * extents["text"]!).toBeLessThanOrEqual(4 * list.at(-1)!.extents["text"]!);
      expect(list.at(-1)!.rows).toBe(4);
    }),
  );
});

test("an epoch shows every example at most once, and all but what fills no last batch", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 120 }),
      fc.integer(),
      (buckets, seed) => {
        const rows = [8, 4, 2];
        const order = bucketedOrder(Int32Array.from(buckets), rows, seed, true);
        const seen = new Map<number, number>();
        for (let step = 0; step < order.stepsPerEpoch; step++) {
          const { rows: picked, bucket } = order.at(step);
          expect(picked.length).toBe(rows[bucket]);
          for (const row of picked) {
            expect(buckets[row]).toBeLessThanOrEqual(bucket);
            seen.set(row, (seen.get(row) ?? 0) + 1);
          }
        }
        if (buckets.length >= 2) expect(buckets.length - seen.size).toBeLessThan(2);
        if (buckets.length > 2) expect(Math.max(...seen.values())).toBe(1);
        expect(order.at(order.stepsPerEpoch + 1)).toEqual(order.at(order.stepsPerEpoch + 1));
      },
    ),
  );
});

test("several parts that vary share at most six shapes, and the rare ones round up", () => {
  const length = 400;
  const needed = {
    drug: Int32Array.from({ length }, (_, i) => 1 + ((i * 37) % 90)),
    protein: Int32Array.from({ length }, (_, i) => 1 + ((i * 91) % 500)),
  };
  const { list, bucketOf } = planBuckets({ parts: { drug: part, protein: part }, rows: 2, extents: {} }, needed, {});
  expect(list.length).toBeLessThanOrEqual(6);
  for (let row = 0; row < length; row++) {
    const { extents } = list[bucketOf![row]!]!;
    expect(extents["drug"]).toBeGreaterThanOrEqual(needed.drug[row]!);
    expect(extents["protein"]).toBeGreaterThanOrEqual(needed.protein[row]!);
  }
});

test("chosen extents are few and cover the longest", () => {
  expect(chooseExtents([3, 9, 17, 40])).toEqual([8, 16, 24, 40]);
  expect(chooseExtents([5])).toEqual([8]);
  // A network with ten positions has no place for sixteen tokens.
  expect(chooseExtents([3, 9, 10, 10], 10)).toEqual([8, 10]);
});

test("a part that follows another has its extents, and an example that fits nowhere is refused", () => {
  const labels = { columns: ["text", "spans"], encoder: { name: "tokenLabels" }, target: true, extentOf: "text" };
  const needed = { text: Int32Array.of(3, 9, 20) };
  const { list } = planBuckets({ parts: { text: part, labels }, rows: 2, extents: { text: [8, 24] } }, needed, {});
  expect(list.map(({ name, extents }) => [name, extents])).toEqual([
    ["text=8", { text: 8, labels: 8 }],
    ["text=24", { text: 24, labels: 24 }],
  ]);
  expect(() => planBuckets({ parts: { labels }, rows: 2, extents: {} }, {}, {})).toThrow(/no such part.*are labels/);
  expect(() => planBuckets({ parts: { text: part }, rows: 2, extents: { text: [8, 16] } }, needed, {})).toThrow(
    /needs 20 places, the longest shape has 16 \(row 2, read as text\)/,
  );
});
