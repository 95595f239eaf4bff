import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bandsFor, jaccard, nearPairs, shinglesOf } from "./min-hash.ts";

const settings = { threshold: 0.7, shingle: 3, permutations: 128, seed: 1 };

test("the similarity of two sets of shingles is that of their words, whatever their case and signs", () => {
  const [a, b] = ["The patient has a cough.", "the PATIENT has, a cough"].map((text) => shinglesOf(text, 3));
  expect(jaccard(a!, b!)).toBe(1);
  // Shingles abc bcd cde against abc bcd cdx: two of four in common.
  expect(jaccard(shinglesOf("a b c d e", 3), shinglesOf("a b c d x", 3))).toBe(0.5);
  expect(shinglesOf("过敏性鼻炎", 2).length).toBe(4);
  expect([shinglesOf("", 3).length, shinglesOf("?!", 3).length, shinglesOf("one two", 3).length]).toEqual([0, 0, 1]);
});

test("pairs are those that comparing everything with everything finds, but for at most one in a hundred", () => {
  let [all, missed] = [0, 0];
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.array(fc.nat(60), { minLength: 30, maxLength: 60 }),
      (seed, words) => {
        const texts = Array.from({ length: 12 }, (_, i) =>
          words.map((word, at) => (at % 29 === i % 29 && i > 6 ? `w${seed % 97}x${i}` : `w${word}`)).join(" "),
        );
        const shingles = texts.map((text) => shinglesOf(text, settings.shingle));
        const found = new Set(
          nearPairs(shingles, { ...settings, seed }).map(({ first, second }) => `${first} ${second}`),
        );
        for (let i = 0; i < texts.length; i++)
          for (let j = i + 1; j < texts.length; j++) {
            const near = jaccard(shingles[i]!, shingles[j]!) >= settings.threshold;
            if (!near) expect(found.has(`${i} ${j}`)).toBe(false);
            all += Number(near);
            missed += Number(near && !found.has(`${i} ${j}`));
          }
      },
    ),
    { numRuns: 20 },
  );
  expect(all).toBeGreaterThan(100);
  expect(missed / all).toBeLessThan(0.01);
});

test("bands find a pair at the threshold nearly always", () => {
  for (const threshold of [0.5, 0.7, 0.8, 0.9]) {
    const { bands, rows } = bandsFor(128, threshold);
    expect(bands * rows).toBeLessThanOrEqual(128);
    expect(1 - (1 - threshold ** rows) ** bands).toBeGreaterThanOrEqual(0.99);
  }
});
