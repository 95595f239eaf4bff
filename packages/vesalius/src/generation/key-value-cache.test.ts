import * as fc from "fast-check";
import { expect, test } from "vitest";
import { float32, type Tensor, type Tensors } from "../graph/index.ts";
import { rearrange, RowOrder, slotsFor } from "./key-value-cache.ts";

/** Keys whose every number tells its row, head, slot and feature. */
function numbered(rows: number, heads: number, slots: number): Tensor {
  const data: number[] = [];
  for (let row = 0; row < rows; row++)
    for (let head = 0; head < heads; head++)
      for (let slot = 0; slot < slots; slot++)
        data.push(row * 1000 + head * 100 + slot * 10, row * 1000 + head * 100 + slot * 10 + 1);
  return float32([rows, heads, slots, 2], data);
}

const row = ({ shape, data }: Tensor, i: number, used: number): number[] => {
  const [, heads, slots, width] = shape as [number, number, number, number];
  return Array.from({ length: heads }, (_, head) => {
    const start = (i * heads + head) * slots * width;
    return [...(data as Float32Array).subarray(start, start + used * width)];
  }).flat();
};

test("slots double until they fit, up to the context", () => {
  expect([1, 64, 65, 129].map((length) => slotsFor(length, 1024))).toEqual([64, 64, 128, 256]);
  expect(slotsFor(20, 20)).toBe(20);
  expect(slotsFor(700, 1000)).toBe(1000);
});

test("rows go where they are sent, whatever the order, and keep what they hold", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
      fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 5 }),
      (first, second, used) => {
        const source = numbered(4, 3, 5);
        const original = numbered(4, 3, 5);
        const grown = rearrange(new Map([["k", source]]), first, 9, used).get("k")!;
        expect(grown.shape).toEqual([4, 3, 9, 2]);
        const caches: Tensors = new Map([["k", source]]);
        const order = new RowOrder();
        order.apply(caches, first, used);
        order.apply(caches, second, used);
        for (let i = 0; i < 4; i++) {
          expect(row(grown, i, used)).toEqual(row(original, first[i]!, used));
          expect(row(caches.get("k")!, i, used)).toEqual(row(original, first[second[i]!]!, used));
        }
      },
    ),
  );
});

test("rows that stay where they are cost no copy", () => {
  const caches: Tensors = new Map([["k", numbered(2, 1, 2)]]);
  const before = caches.get("k");
  new RowOrder().apply(caches, [0, 1], 2);
  expect(caches.get("k")).toBe(before);
});
