import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignedText } from "../aligned-text.ts";
import { createTokenizer } from "../create-tokenizer.ts";
import { createNormalizer } from "../normalizers/index.ts";
import { fixtureVocabulary, readTokenizerFixture } from "../reference.test.helper.ts";
import { wordPieceFile, type WordPieceText } from "./word-piece.ts";

const uncased = createTokenizer(wordPieceFile(fixtureVocabulary("wordpiece_bert_uncased")));

describe.each([
  ["wordpiece_bert_uncased", true],
  ["wordpiece_bert_cased", false],
])("%s", (name, lowercase) => {
  const tokenizer = createTokenizer(wordPieceFile(fixtureVocabulary(name), { lowercase, maximumCharacters: 200 }));
  it.each(readTokenizerFixture(name).pairs)("splits as BERT does: $text", ({ text, ids, tokens }) => {
    const encoding = tokenizer.encode(text, { specialTokens: "text" });
    expect(encoding.tokens).toEqual(tokens);
    expect([...encoding.ids]).toEqual(ids);
  });
});

/** Text with what normalization changes: case, accents composed and not, ideographs, control characters, emoji. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "Patient",
        "é",
        "e\u0301",
        "İ",
        "Σ",
        "ΑΣ",
        "中",
        "😀",
        "\u200b",
        "\t",
        " ",
        "-",
        "Å",
        "ﬁ",
        "한국",
        "\u{1D49C}",
      ),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(""));

describe("offsets", () => {
  it("point at what each token stands for, whatever normalization did", () => {
    const normalize = createNormalizer(uncased.toJson().tokenizer.normalizer, "test");
    fc.assert(
      fc.property(texts, (text) => {
        const { ids, tokens, offsets, wordIds } = uncased.encode(text, { specialTokens: "text" });
        let last = 0;
        for (const [at, token] of tokens.entries()) {
          const [start, end] = [offsets[2 * at]!, offsets[2 * at + 1]!];
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(start).toBeGreaterThanOrEqual(at > 0 && wordIds[at] === wordIds[at - 1] ? offsets[2 * at - 2]! : last);
          if (at + 1 < tokens.length && wordIds[at + 1] !== wordIds[at]) last = offsets[2 * at]!;
          const slice = normalize(alignedText(text.slice(start, end))).text.trim();
          if (ids[at] !== uncased.special.unknown) expect(slice).toContain(token.replace(/^##/, ""));
          expect(uncased.vocabulary[ids[at]!]).toBe(token);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["Café", [0, 1, 1, 2, 2, 3, 3, 4]],
    ["Cafe\u0301", [0, 1, 1, 2, 2, 3, 3, 5]],
    ["un\u0000null", [0, 1, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7]],
    ["患者", [0, 1, 1, 2]],
    ["  The  heart", [2, 5, 7, 12]],
  ])("of %j", (text, expected) => {
    expect([...uncased.encode(text).offsets]).toEqual(expected);
  });
});

describe("special tokens in a text", () => {
  it("count as such unless they are to be text", () => {
    const { special } = uncased;
    expect([...uncased.encode("the [MASK] [SEP]").ids].slice(1)).toEqual([special.mask, special.end]);
    expect(uncased.encode("the [MASK]", { specialTokens: "text" }).tokens).not.toContain("[MASK]");
    expect(special).toEqual({ padding: 0, unknown: 1, start: 2, end: 3, mask: 4 });
  });
});

describe("a WordPiece tokenizer", () => {
  it("survives a structured clone and JSON", () => {
    for (const copy of [structuredClone(uncased.toJson()), JSON.parse(JSON.stringify(uncased.toJson()))]) {
      const again = createTokenizer(copy);
      expect(again.encode("Tokenization of pneumonia")).toEqual(uncased.encode("Tokenization of pneumonia"));
    }
  });

  it("refuses settings that it does not have", () => {
    const settings = { lowerCase: true } as WordPieceText;
    expect(() => wordPieceFile(fixtureVocabulary("wordpiece_bert_cased"), settings)).toThrow(/settings.*lowerCase/);
  });

  it("needs its special tokens in the vocabulary", () => {
    expect(() => wordPieceFile(["[PAD]", "the"])).toThrow(/does not have the special token \[UNK\]/);
  });
});
