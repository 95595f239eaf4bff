import * as fc from "fast-check";
import { expect, test } from "vitest";
import { byteNgrams } from "./byte-ngrams.ts";

const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), { maxLength: 6 });

test("the probabilities of all bytes at a place are 1 together, whatever was seen", () => {
  fc.assert(
    fc.property(
      texts,
      fc.uint8Array({ minLength: 1, maxLength: 7 }),
      fc.integer({ min: 1, max: 5 }),
      (seen, bytes, order) => {
        const model = byteNgrams(seen, order);
        const place = bytes.length - 1;
        let sum = 0;
        for (let byte = 0; byte < 256; byte++)
          sum += model.probability(Uint8Array.of(...bytes.subarray(0, place), byte), place);
        expect(sum).toBeCloseTo(1, 9);
      },
    ),
    { numRuns: 40 },
  );
});

test("nothing seen costs eight bits a byte; a letter that always comes costs less the longer it was seen", () => {
  expect(byteNgrams([]).bitsPerByte(["abc"])).toBe(8);
  expect(byteNgrams([]).bitsPerByte([])).toBeNaN();
  // One context, seen twice with one follower: p = (2 + 1/256) / 3.
  expect(byteNgrams(["a", "a"], 1).bitsPerByte(["a"])).toBeCloseTo(-Math.log2((2 + 1 / 256) / 3), 12);
  const bits = [1, 10, 100].map((count) => byteNgrams(Array<string>(count).fill("fever")).bitsPerByte(["fever"]));
  expect(bits[0]).toBeGreaterThan(bits[1]!);
  expect(bits[1]).toBeGreaterThan(bits[2]!);
  const sentence = "the patient has a fever and the patient has a rash";
  const [letters, five] = [1, 5].map((order) => byteNgrams([sentence, sentence], order).bitsPerByte([sentence]));
  expect(five).toBeLessThan(letters! / 2);
  expect(() => byteNgrams([], 0)).toThrow(/one byte or more/);
});
