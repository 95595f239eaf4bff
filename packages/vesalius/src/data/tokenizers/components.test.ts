import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readFixtureJson } from "../../testing/reference.node.ts";
import { alignedText, originalEnd, originalStart } from "./aligned-text.ts";
import { createTokenizer } from "./create-tokenizer.ts";
import { createDecoder } from "./decoders/index.ts";
import { createNormalizer } from "./normalizers/index.ts";
import { createPreTokenizer } from "./pre-tokenizers/index.ts";
import { tokenizerJsonSchema } from "./tokenizer-file.ts";

const json = z.looseObject({ type: z.string() });
const piece = z.tuple([z.string(), z.int(), z.int()]);
const fixture = z
  .looseObject({
    texts: z.array(z.string()),
    preTokenizers: z.array(z.object({ json, pieces: z.array(z.array(piece)) })),
    normalizerTexts: z.array(z.string()),
    normalizers: z.array(z.object({ json, normalized: z.array(z.string()) })),
    decoders: z.array(z.object({ json, tokens: z.array(z.string()), text: z.string() })),
    addedTokens: z.object({
      tokenizer: tokenizerJsonSchema,
      cases: z.array(
        z.object({
          text: z.string(),
          ids: z.array(z.int()),
          offsets: z.array(z.array(z.int())),
          words: z.array(z.int()),
        }),
      ),
    }),
  })
  .parse(readFixtureJson("tokenizer/components"));

const named = <Case extends { readonly json: object }>(cases: readonly Case[]): (readonly [string, Case])[] =>
  cases.map((each) => [JSON.stringify(each.json).slice(0, 120), each]);

describe("pre-tokenizers give the pieces and places of Hugging Face's", () => {
  it.each(named(fixture.preTokenizers))("%s", (_, { json, pieces }) => {
    const split = createPreTokenizer(json, "test");
    for (const [at, text] of fixture.texts.entries()) {
      const parts = split([alignedText(text)]).filter((each) => each.text !== "");
      const found = parts.map((each) => [each.text, originalStart(each, 0), originalEnd(each, each.text.length - 1)]);
      expect(found, text).toEqual(pieces[at]);
    }
  });
});

describe("normalizers give the texts of Hugging Face's", () => {
  it.each(named(fixture.normalizers))("%s", (_, { json, normalized }) => {
    const normalize = createNormalizer(json, "test");
    for (const [at, text] of fixture.normalizerTexts.entries())
      expect(normalize(alignedText(text)).text, JSON.stringify(text)).toBe(normalized[at]);
  });
});

describe("decoders give the texts of Hugging Face's", () => {
  it.each(named(fixture.decoders))("%s", (_, { json, tokens, text }) => {
    expect(createDecoder(json, "test")(tokens).join("")).toBe(text);
  });
});

describe("added tokens are found as Hugging Face's library does", () => {
  const tokenizer = createTokenizer({ tokenizer: fixture.addedTokens.tokenizer, special: {} });
  it.each(fixture.addedTokens.cases)("$text", ({ text, ids, offsets, words }) => {
    const found = tokenizer.encode(text);
    expect([...found.ids]).toEqual(ids);
    expect(found.tokens).toEqual(ids.map((id) => tokenizer.vocabulary[id]));
    expect([...found.wordIds]).toEqual(words);
    // White space that a token takes with it is not part of its place here.
    const trimmed = offsets.flatMap(([start, end]) => {
      const slice = text.slice(start, end);
      return [start! + slice.length - slice.trimStart().length, end! - slice.length + slice.trimEnd().length];
    });
    expect([...found.offsets]).toEqual(trimmed);
  });
});
