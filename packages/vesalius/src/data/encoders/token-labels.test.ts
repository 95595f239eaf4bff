import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Span, spansColumn } from "../columns/spans.ts";
import { textsColumn } from "../columns/texts.ts";
import { batches } from "../loaders/batches.ts";
import { encodeAll, fitted, numbersOf, planOf, splitOf } from "./encoding.test.helper.ts";
import { encoders } from "./index.ts";
import { tokenReader, wordPlaces } from "./tokens/read-tokens.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";

const types = ["Disease", "Gene"];
const words = ["loss", "of", "BRCA1", "breast", "cancer", "ataxia-telangiectasia", "ATM", "and"];

/** A text of words, and spans over runs of them that do not touch each other. */
const annotated = fc
  .array(fc.record({ words: fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }), marked: fc.nat(2) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((runs) => {
    let text = "";
    const spans: Span[] = [];
    for (const { words: run, marked } of runs) {
      const start = text === "" ? 0 : text.length + 1;
      text = `${text}${text === "" ? "" : " "}${run.join(" ")}`;
      if (marked > 0) spans.push({ start, end: text.length, type: types[marked - 1]! });
    }
    return { text, spans };
  });

/** Spans that labels stand for, read from left to right. */
function spansOf(labels: readonly number[], text: string, of: unknown): Span[] {
  const places = wordPlaces(tokenReader(tokensSpecSchema.parse(of)).read([text]));
  const found: Span[] = [];
  places.tokens.forEach((token, word) => {
    const label = labels[token]!;
    const type = types[(label - 1) >> 1]!;
    if (label > 0 && label % 2 === 1) found.push({ start: places.starts[word]!, end: places.ends[word]!, type });
    else if (label > 0) found.push({ ...found.pop()!, end: places.ends[word]! });
  });
  return found;
}

const column = textsColumn([words.join(" ")]);

describe("token labels", () => {
  test("stand on the first token of each word, and give the spans back", async () => {
    const of = await fitted({ name: "tokens", tokenizer: { name: "characters" } }, column);
    await fc.assert(
      fc.asyncProperty(fc.array(annotated, { minLength: 1, maxLength: 4 }), async (drawn) => {
        const columns = {
          text: textsColumn(drawn.map(({ text }) => text)),
          spans: spansColumn(
            types,
            drawn.map(({ spans }) => spans),
          ),
        };
        for (const tokens of [of, await fitted({ name: "tokens", tokenizer: { name: "words" } }, columns.text)]) {
          const encoder = encoders.create({ name: "tokenLabels", of: tokens, types });
          const part = { columns: ["text", "spans"], encoder: { name: "tokenLabels", of: tokens, types } };
          const batch = await encodeAll(part, columns, { extents: { it: [512] } });
          drawn.forEach(({ text, spans }, row) => {
            const labels = numbersOf(batch, "it.labels").slice(row * 512, (row + 1) * 512);
            // Single characters are words of their own, white space among them, so that every place between has a label.
            expect(spansOf(labels, text, tokens)).toEqual(spans);
            const [prepared] = encoder.prepare!([text, spans]) as [{ labels: Int32Array }];
            expect(labels.slice(prepared.labels.length).every((label) => label === -1)).toBe(true);
            expect(encoder.counts!([prepared])).toEqual({
              spans: spans.length,
              misalignedSpans: 0,
              overlappingSpans: 0,
              unseenSpans: 0,
            });
          });
        }
      }),
      { numRuns: 20 },
    );
  });

  test("have the extents of the tokens that they label", async () => {
    const of = await fitted({ name: "tokens", tokenizer: { name: "words" } }, column);
    const texts = Array.from({ length: 24 }, (_, row) =>
      words
        .slice(0, 1 + (row % 8))
        .join(" ")
        .repeat(1 + (row % 3)),
    );
    const split = splitOf({
      text: textsColumn(texts),
      spans: spansColumn(
        types,
        texts.map(() => [{ start: 0, end: 4, type: "Gene" }]),
      ),
    });
    const made = await batches(
      split,
      planOf({
        text: { columns: ["text"], encoder: of },
        target: {
          columns: ["text", "spans"],
          encoder: { name: "tokenLabels", of, types },
          target: true,
          extentOf: "text",
        },
      }),
    );
    for (let step = 0; step < made.steps; step++) {
      const { feeds } = await made.batch(step);
      expect(feeds.get("target.labels")!.shape).toEqual(feeds.get("text.tokens")!.shape);
    }
    expect(made.counts["target"]).toMatchObject({ spans: 24 });
  });

  test("count the spans that they cannot hold", async () => {
    const of = await fitted({ name: "tokens", tokenizer: { name: "words" }, maximumLength: 6 }, column);
    const encoder = encoders.create({ name: "tokenLabels", of, types });
    const text = "loss of BRCA1 and breast cancer";
    const spans = [
      { start: 8, end: 12, type: "Gene" }, // without its last letter
      { start: 10, end: 13, type: "Gene" }, // the same word again
      { start: 18, end: 31, type: "Disease" }, // behind the last token
      { start: 4, end: 5, type: "Gene" }, // a space
    ];
    const prepared = encoder.prepare!([text, spans]);
    expect((prepared[0] as { labels: Int32Array }).labels).toEqual(Int32Array.of(-1, 0, 0, 3, 0, -1));
    expect(encoder.counts!(prepared)).toEqual({ spans: 4, misalignedSpans: 1, overlappingSpans: 1, unseenSpans: 2 });
  });

  test("refuse what they cannot say", async () => {
    const of = await fitted({ name: "tokens", tokenizer: { name: "words" } }, column);
    const encoder = encoders.create({ name: "tokenLabels", of, types: ["Gene"] });
    const span = { start: 0, end: 4, type: "Disease" };
    expect(() => encoder.prepare!(["loss", [span]])).toThrow(/a type that the labels do not know/);
    expect(() => encoder.prepare!(["los", [{ ...span, type: "Gene" }]])).toThrow(/characters 0 to 4 of 3/);
    expect(() => encoders.create({ name: "tokenLabels", of })).toThrow(/types of span are not known/);
    const pair = { ...of, pair: true };
    expect(() => encoders.create({ name: "tokenLabels", of: pair, types })).toThrow(/pair have no spans/);
    const spec = await fitted({ name: "tokenLabels", of: { name: "tokens" } }, column, spansColumn(types, [[span]]));
    expect(spec["types"]).toEqual(types);
  });
});
