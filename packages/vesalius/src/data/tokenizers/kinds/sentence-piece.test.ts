import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createTokenizer } from "../create-tokenizer.ts";
import { readTokenizerFixture } from "../reference.test.helper.ts";
import { sentencePieceFile } from "./sentence-piece.ts";

const special = { padding: "<pad>", end: "</s>", unknown: "<unk>" };
const pieceSchema = z.tuple([z.string(), z.number(), z.enum(["normal", "unknown", "control", "byte"])]);
const piecesOf = (name: string) =>
  z
    .array(pieceSchema)
    .parse(readTokenizerFixture(name)["pieces"])
    .map(([piece, score, type]) => ({ piece, score, type }));
const bpe = createTokenizer(sentencePieceFile("bpe", piecesOf("sentencepiece_bpe"), { special }));
const unigram = createTokenizer(sentencePieceFile("unigram", piecesOf("sentencepiece_unigram"), { special }));

describe.each([
  ["sentencepiece_bpe", bpe],
  ["sentencepiece_unigram", unigram],
])("%s", (name, tokenizer) => {
  it.each(readTokenizerFixture(name).pairs)("splits and joins as SentencePiece: $text", ({ text, ...expected }) => {
    const { ids, tokens } = tokenizer.encode(text);
    expect(tokens).toEqual(expected.tokens);
    expect([...ids]).toEqual(expected.ids);
    expect(tokenizer.decode(ids)).toBe(expected.decoded);
  });

  it("points at what each token stands for, and has an id for each", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
        const { ids, tokens, offsets } = tokenizer.encode(text, { specialTokens: "text" });
        for (const [at, token] of tokens.entries()) {
          const [start, end] = [offsets[2 * at]!, offsets[2 * at + 1]!];
          // The space that is put in front of a text stands for nothing in it.
          if (at === 0 && token === "▁") expect(start).toBeLessThanOrEqual(end);
          else expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(ids[at]).toBeLessThan(tokenizer.vocabulary.length);
          const plain = token.replaceAll("▁", "");
          if (/^[a-z]+$/.test(plain)) expect(text.slice(start, end).normalize("NFKC")).toContain(plain);
        }
      }),
    );
  });
});

describe("SentencePiece offsets", () => {
  it("leave out the space that begins a word", () => {
    const text = "  The  ＡＢ patient";
    const { tokens, offsets, wordIds } = bpe.encode(text);
    const slices = tokens.map((_, at) => text.slice(offsets[2 * at], offsets[2 * at + 1]));
    expect(tokens).toEqual(["▁The", "▁", "<0x41>", "B", "▁patient"]);
    expect(slices).toEqual(["The", "  ", "Ａ", "Ｂ", "patient"]);
    expect([...wordIds]).toEqual([0, 1, 1, 1, 2]);
  });
});

describe("special pieces", () => {
  it("are never made of text", () => {
    const { special: ids } = unigram;
    expect([...unigram.encode("a </s>").ids]).toContain(ids.end);
    expect([...unigram.encode("a </s>", { specialTokens: "text" }).ids]).not.toContain(ids.end);
  });

  it("must have an unknown one among them", () => {
    expect(() => sentencePieceFile("unigram", [{ piece: "a", score: 0, type: "normal" }])).toThrow(/no unknown piece/);
  });
});
