import * as fc from "fast-check";
import { expect, it } from "vitest";
import { randomStream } from "../../../common/random.ts";
import { noiseSchema, noiseTokens } from "./noise-tokens.ts";

const mask = 1;
const signs = { mask, sentinel: (span: number): number => 1000 + span };
const texts = fc.record({
  inner: fc.array(fc.integer({ min: 10, max: 99 }), { minLength: 1, maxLength: 40 }).map((ids) => Int32Array.from(ids)),
  seed: fc.nat(),
});
const whole = (inner: Int32Array, sentences: readonly number[] = [0]) => ({
  inner,
  leading: Int32Array.of(2),
  trailing: Int32Array.of(3),
  sentences,
});

it("takes spans out so that what is written puts the text together again", () => {
  fc.assert(
    fc.property(texts, ({ inner, seed }) => {
      const noise = noiseSchema.parse({ name: "spanCorruption", ratio: 0.3 });
      const { read, write } = noiseTokens(whole(inner), noise, signs, randomStream(seed, "noise"));
      const spans = new Map<number, number[]>();
      let current: number[] = [];
      for (const token of write.subarray(0, -1)) {
        if (token >= 1000) spans.set(token, (current = []));
        else current.push(token);
      }
      const restored = Array.from(read.subarray(1, -1)).flatMap((token) =>
        token >= 1000 ? spans.get(token)! : [token],
      );
      expect(restored).toEqual(Array.from(inner));
      expect([read[0], read.at(-1), write.at(-1)]).toEqual([2, 3, 3]);
      // No span is empty, and as many tokens are gone as the share says.
      expect([...spans.values()].every(({ length }) => length > 0)).toBe(true);
      if (inner.length > 1)
        expect([...spans.values()].flat().length).toBe(
          Math.min(inner.length - 1, Math.max(1, Math.round(0.3 * inner.length))),
        );
    }),
  );
});

it("shows a text with masks in place of spans, in the order of what is left, and asks for all of it", () => {
  fc.assert(
    fc.property(texts, ({ inner, seed }) => {
      const noise = noiseSchema.parse({ name: "infilling", permuteSentences: false });
      const { read, write } = noiseTokens(whole(inner), noise, signs, randomStream(seed, "noise"));
      expect(Array.from(write)).toEqual([2, ...inner, 3]);
      const left = Array.from(read.subarray(1, -1)).filter((token) => token !== mask);
      let at = 0;
      for (const token of left) {
        while (at < inner.length && inner[at] !== token) at++;
        expect(at++).toBeLessThan(inner.length);
      }
      expect(inner.length - left.length).toBeLessThanOrEqual(Math.round(0.3 * inner.length));
    }),
  );
});

it("puts sentences in another order, masks and deletes single tokens", () => {
  const inner = Int32Array.from({ length: 300 }, (_, i) => 10 + i);
  const stream = () => randomStream(5, "noise");
  const only = { name: "infilling", infillRatio: 0, permuteSentences: false };
  const text = whole(inner, [0, 100, 200]);
  const shown = (settings: object) =>
    Array.from(noiseTokens(text, noiseSchema.parse({ ...only, ...settings }), signs, stream()).read.subarray(1, -1));
  const moved = shown({ permuteSentences: true });
  expect(moved).not.toEqual(Array.from(inner));
  expect(moved.toSorted((a, b) => a - b)).toEqual(Array.from(inner));
  // Within a sentence the order stays.
  for (const start of [0, 100, 200]) {
    const at = moved.indexOf(10 + start);
    expect(moved.slice(at, at + 100)).toEqual(Array.from(inner.subarray(start, start + 100)));
  }
  const masked = shown({ maskRatio: 0.2 });
  expect(masked).toHaveLength(300);
  expect(masked.filter((token) => token === mask).length / 300).toBeCloseTo(0.2, 1);
  const deleted = shown({ deleteRatio: 0.2 });
  expect(deleted.length / 300).toBeCloseTo(0.8, 1);
  expect(deleted.includes(mask)).toBe(false);
});
