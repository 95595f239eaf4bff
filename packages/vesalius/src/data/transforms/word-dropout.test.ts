import { describe, expect, test } from "vitest";
import { textsColumn } from "../columns/texts.ts";
import { encodeAll, fitted, numbersOf } from "../encoders/encoding.test.helper.ts";
import { HIDDEN_ROW } from "../encoders/tokens/word-features.ts";

const texts = Array.from({ length: 40 }, (_, row) =>
  Array.from({ length: 25 }, (_, word) => `word${(7 * row + 3 * word) % 20}`).join(" "),
);
const column = textsColumn(texts);
const features = { minimumFrequency: 1, prefixes: [], suffixes: [] };

describe("word dropout", () => {
  test("replaces the stated shares of words, and nothing around them", async () => {
    const encoder = await fitted({ name: "tokens", tokenizer: { name: "words" }, features }, column);
    const part = { columns: ["text"], encoder };
    const plain = await encodeAll(part, { text: column });
    const transforms = [{ name: "wordDropout", unknown: 0.2, mask: 0.1 }];
    const changed = await encodeAll({ ...part, transforms }, { text: column });
    const [before, after] = [plain, changed].map((batch) => numbersOf(batch, "it.tokens"));
    const rows = numbersOf(changed, "it.features");
    const place = { unknown: 0, mask: 0 };
    before!.forEach((id, at) => {
      if (after![at] === id) return;
      expect(id).toBeGreaterThan(4);
      expect([1, 4]).toContain(after![at]);
      place[after![at] === 1 ? "unknown" : "mask"]++;
      expect(rows[at] === HIDDEN_ROW).toBe(after![at] === 4);
    });
    // Of 1,000 words; five standard deviations.
    expect(Math.abs(place.unknown - 200)).toBeLessThan(64);
    expect(Math.abs(place.mask - 100)).toBeLessThan(48);
    expect(numbersOf(changed, "it.mask")).toEqual(numbersOf(plain, "it.mask"));
  });

  test("drops words whole, and says which token is missing", async () => {
    const encoder = await fitted({ name: "tokens", tokenizer: { name: "words" } }, column);
    const all = { columns: ["text"], encoder, transforms: [{ name: "wordDropout", unknown: 0, mask: 1 }] };
    const ids = numbersOf(await encodeAll(all, { text: column }), "it.tokens");
    expect(new Set(ids)).toEqual(new Set([0, 2, 3, 4]));
    const file = encoder["tokenizer"] as { special: object };
    const without = { ...encoder, tokenizer: { ...file, special: { ...file.special, mask: undefined } } };
    const vocabulary = JSON.parse(JSON.stringify(without).replaceAll("[MASK]", "[HIDE]")) as typeof encoder;
    await expect(encodeAll({ ...all, encoder: vocabulary }, { text: column })).rejects.toThrow(/no mask token/);
    const much = { ...all, transforms: [{ name: "wordDropout", unknown: 0.9, mask: 0.9 }] };
    await expect(encodeAll(much, { text: column })).rejects.toThrow(/more than 1 together/);
  });
});
