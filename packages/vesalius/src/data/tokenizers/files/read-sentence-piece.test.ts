import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readFixtureJson } from "../../../testing/reference.node.ts";
import { readSentencePiece } from "./read-sentence-piece.ts";
import { readTokenizer } from "./read-tokenizer.ts";
import { tokenizerFiles } from "./tokenizer-config.ts";

const pair = z.object({ text: z.string(), ids: z.array(z.int()), tokens: z.array(z.string()), decoded: z.string() });
const { models } = z
  .looseObject({ models: z.array(z.object({ name: z.string(), file: z.base64(), pairs: z.array(pair) })) })
  .parse(readFixtureJson("tokenizer/sentencepiece_model"));
const bytesOf = (file: string): Uint8Array => Uint8Array.from(atob(file), (char) => char.charCodeAt(0));

describe.each(models)("a model file of SentencePiece, $name", ({ file, pairs }) => {
  const tokenizer = readSentencePiece(bytesOf(file));

  it.each(pairs)("splits and joins as the original: $text", ({ text, ids, tokens, decoded }) => {
    const found = tokenizer.encode(text, { specialTokens: "text" });
    expect(found.tokens).toEqual(tokens);
    expect([...found.ids]).toEqual(ids);
    expect(tokenizer.decode(found.ids)).toBe(decoded);
  });

  it("has its control pieces around a text, or those that are named", () => {
    const wrapped = tokenizer.wrap(tokenizer.encode("The patient")).tokens;
    expect([wrapped[0], wrapped.at(-1)]).toEqual(["<s>", "</s>"]);
    const other = readSentencePiece(bytesOf(file), { special: { start: "<s>", unknown: "<unk>" } });
    expect(other.wrap(other.encode("The patient")).tokens.at(-1)).not.toBe("</s>");
  });

  it("is the same from the files of a saved model", () => {
    const again = readTokenizer(tokenizerFiles(tokenizer));
    for (const { text } of pairs) expect(again.encode(text)).toEqual(tokenizer.encode(text));
  });

  it("is refused where it is cut short or something else", () => {
    const bytes = bytesOf(file);
    expect(() => readSentencePiece(bytes.subarray(0, bytes.length - 7), { where: "t5/spiece.model" })).toThrow(
      /no SentencePiece model, or cut short.*t5\/spiece\.model/,
    );
    expect(() => readSentencePiece(new TextEncoder().encode("{}"))).toThrow(/SentencePiece model/);
    expect(() => readSentencePiece(new Uint8Array())).toThrow(/no piece/);
  });
});
