import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createTokenizer } from "../create-tokenizer.ts";
import { fixtureVocabulary, readTokenizerFixture } from "../reference.test.helper.ts";
import { byteLevelBpeFile, GPT2_SPECIAL } from "./byte-level-bpe.ts";
import { clipFile } from "./clip.ts";

const mergesOf = (name: string) => z.array(z.string()).parse(readTokenizerFixture(name)["merges"]);
const named = (name: string) => [fixtureVocabulary(name), mergesOf(name)] as const;

const gpt2 = createTokenizer(byteLevelBpeFile(...named("bpe_byte_level"), { special: GPT2_SPECIAL, wrapped: false }));
const clip = createTokenizer(clipFile(...named("bpe_clip"), { unescapeHtml: true }));

describe.each([
  ["bpe_byte_level", gpt2, "text"],
  ["bpe_clip", clip, "recognized"],
] as const)("%s", (name, tokenizer, specialTokens) => {
  it.each(readTokenizerFixture(name).pairs)("splits and joins as the original: $text", ({ text, ...expected }) => {
    const { ids, tokens } = tokenizer.encode(text, { specialTokens });
    expect(tokens).toEqual(expected.tokens);
    expect([...ids]).toEqual(expected.ids);
    expect(tokenizer.decode(ids)).toBe(expected.decoded);
  });
});

const anything = fc.string({ unit: "binary", maxLength: 60 });

describe("byte-level tokens", () => {
  it("give any text back, exactly", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const { ids, tokens } = gpt2.encode(text, { specialTokens: "text" });
        expect(gpt2.decode(ids)).toBe(text);
        expect(Array.from(ids, (id) => gpt2.vocabulary[id])).toEqual(tokens);
      }),
      { numRuns: 500 },
    );
  });

  it("cover all of a text but white space, in order", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const { offsets, ids } = gpt2.encode(text, { specialTokens: "text" });
        const covered = new Set<number>();
        for (let at = 0; at < ids.length; at++)
          for (let unit = offsets[2 * at]!; unit < offsets[2 * at + 1]!; unit++) covered.add(unit);
        for (let unit = 0; unit < text.length; unit++)
          if (/\P{White_Space}/u.test(text[unit]!)) expect(covered.has(unit)).toBe(true);
      }),
    );
  });

  it("say where they stand, without the space before a word; parts of a character stand for all of it", () => {
    const text = " patient é😀";
    const { tokens, offsets, wordIds } = gpt2.encode(text);
    const slices = tokens.map((_, at) => text.slice(offsets[2 * at], offsets[2 * at + 1]));
    expect(tokens).toEqual(["Ġpatient", "Ġ", "Ã", "©", "ð", "Ł", "ĺ", "Ģ"]);
    expect(slices).toEqual(["patient", " ", "é", "é", "😀", "😀", "😀", "😀"]);
    expect([...wordIds]).toEqual([0, 1, 1, 1, 2, 2, 2, 2]);
  });

  it("take time that grows little more than the text", () => {
    const long = "abcdefghij".repeat(20_000);
    expect(gpt2.decode(gpt2.encode(long).ids)).toBe(long);
  });
});

describe("offsets through HTML and lower case", () => {
  it("are those of the original", () => {
    const text = "A &amp;lt; B  &eacute;T";
    const { tokens, offsets } = clip.encode(text);
    const slices = tokens.map((_, at) => text.slice(offsets[2 * at], offsets[2 * at + 1]));
    expect(tokens).toEqual(["a</w>", "<</w>", "b</w>", "Ã", "©", "t</w>"]);
    expect(slices).toEqual(["A", "&amp;lt;", "B", "&eacute;", "&eacute;", "T"]);
  });
});
