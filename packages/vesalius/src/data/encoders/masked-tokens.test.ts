import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { sequencesColumn } from "../columns/sequences.ts";
import { textsColumn } from "../columns/texts.ts";
import type { Column } from "../column.ts";
import { encodeAll, fitted, numbersOf } from "./encoding.test.helper.ts";
import { encoders } from "./index.ts";
import { type Masking, maskTokens } from "./tokens/mask-tokens.ts";
import { type PreparedTokens, tokenReader } from "./tokens/read-tokens.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { HIDDEN_ROW } from "./tokens/word-features.ts";

const masking = (changes: Partial<Masking> = {}): Masking => ({
  maskRatio: 0.15,
  unit: "wholeWord",
  spanLength: 3,
  replace: { mask: 0.8, random: 0.1, keep: 0.1 },
  ...changes,
});
const only = { mask: 1, random: 0, keep: 0 };
const units = fc.constantFrom("token", "wholeWord", "span");
const dna = fc.string({ unit: fc.constantFrom("A", "C", "G", "T"), minLength: 1, maxLength: 90 });
const words = ["the", "patient", "has", "ataxia-telangiectasia", "BRCA1", "mutations", "é", "11q22.3", "."];
const sentence = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 40 }).map((all) => all.join(" "));

const readerOf = async (tokenizer: object, column: Column, more: object = {}) =>
  tokenReader(tokensSpecSchema.parse(await fitted({ name: "tokens", tokenizer, ...more }, column)));
const wordColumn = textsColumn([words.join(" ")]);

describe("masked tokens", () => {
  test("of overlapping k-mers cannot be read off their neighbours: other letters there change nothing that shows", async () => {
    for (const k of [1, 2, 3, 6]) {
      const reader = await readerOf({ name: "kmers", k }, sequencesColumn("dna", ["ACGT"]));
      fc.assert(
        fc.property(
          dna,
          units,
          fc.double({ min: 0.05, max: 0.9, noNaN: true }),
          fc.nat(),
          (text, unit, maskRatio, seed) => {
            const tokens = reader.read([text]);
            const mask = (of: PreparedTokens) =>
              maskTokens(of, masking({ unit, maskRatio }), randomStream(seed, "mask"));
            const { shown, labels } = mask(tokens);
            labels.forEach((label, token) => {
              if (label < 0 || shown.ids[token] === label) return;
              const [start, end] = [tokens.offsets[2 * token]!, tokens.offsets[2 * token + 1]!];
              const other = Array.from(text, (letter, at) =>
                at >= start && at < end ? "ACGT"[("ACGT".indexOf(letter) + 1) % 4]! : letter,
              ).join("");
              const changed = mask(reader.read([other]));
              expect(changed.shown.ids).toEqual(shown.ids);
              expect(changed.labels[token]).not.toBe(label);
            });
          },
        ),
        { numRuns: 60 },
      );
    }
  });

  test("are the stated share, and something is predicted of every text", async () => {
    const reader = await readerOf({ name: "words" }, wordColumn);
    fc.assert(
      fc.property(
        sentence,
        units,
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        fc.nat(),
        (text, unit, maskRatio, seed) => {
          const tokens = reader.read([text]);
          const { shown, labels } = maskTokens(tokens, masking({ unit, maskRatio }), randomStream(seed, "mask"));
          const predicted = labels.filter((label) => label >= 0).length;
          expect(predicted).toBe(Math.max(1, Math.round(maskRatio * (tokens.ids.length - 2))));
          labels.forEach((label, token) => {
            if (label >= 0) expect(label).toBe(tokens.ids[token]);
            else expect(shown.ids[token]).toBe(tokens.ids[token]);
          });
        },
      ),
    );
  });

  test("of k-mers are hidden by the stated share, and those in the middle of a span are predicted", async () => {
    const reader = await readerOf({ name: "kmers", k: 6 }, sequencesColumn("dna", ["ACGT"]));
    const stream = randomStream(1, "letters");
    const text = Array.from({ length: 400 }, () => "ACGT"[stream.integer(4)]).join("");
    const tokens = reader.read([text]);
    let [hidden, predicted] = [0, 0];
    for (let seed = 0; seed < 50; seed++) {
      const settings = masking({ unit: "span", spanLength: 6, replace: only });
      const { shown, labels } = maskTokens(tokens, settings, randomStream(seed, "mask"));
      const masked = shown.ids.filter((id) => id === tokens.table.mask).length;
      expect(masked).toBeLessThanOrEqual(Math.round(0.15 * 395));
      hidden += masked;
      predicted += labels.filter((label) => label >= 0).length;
    }
    expect(hidden / 50 / 395).toBeGreaterThan(0.11);
    // Of each hidden stretch, all but five tokens at either end.
    expect(predicted / hidden).toBeGreaterThan(0.2);
    expect(predicted / hidden).toBeLessThan(0.6);
  });

  test("are whole words, whose features are hidden with them", async () => {
    const column = textsColumn([words.join(" ")]);
    const features = { minimumFrequency: 1 };
    const reader = await readerOf({ name: "characters" }, column, { features });
    // Words of several tokens, as sub-word tokenizers make them.
    const tokens = reader.read([words.join(" ")]);
    const joined: PreparedTokens = { ...tokens, wordIds: tokens.wordIds.map((word) => (word < 0 ? word : word >> 2)) };
    fc.assert(
      fc.property(units, fc.nat(), (unit, seed) => {
        const { shown, labels } = maskTokens(joined, masking({ unit, maskRatio: 0.3 }), randomStream(seed, "mask"));
        const count = tokens.table.features;
        const byWord = new Map<number, { labelled: Set<boolean>; changed: boolean; hidden: Set<boolean> }>();
        joined.wordIds.forEach((word, token) => {
          if (word < 0) return;
          const known = byWord.get(word) ?? { labelled: new Set(), changed: false, hidden: new Set() };
          byWord.set(word, known);
          known.labelled.add(labels[token]! >= 0);
          known.changed ||= shown.ids[token] !== joined.ids[token];
          const rows = shown.features.subarray(token * count, (token + 1) * count);
          known.hidden.add(rows.every((row) => row === HIDDEN_ROW));
        });
        for (const { labelled, changed, hidden } of byWord.values()) {
          if (unit !== "token") expect(labelled.size).toBe(1);
          expect(hidden.size).toBe(1);
          if (changed) expect([...hidden]).toEqual([true]);
        }
      }),
    );
  });

  test("become the mask, a random token or themselves in the stated shares", async () => {
    const texts = Array.from({ length: 60 }, (_, row) =>
      Array.from({ length: 100 }, (_, word) => `w${(31 * row + 7 * word) % 400}`).join(" "),
    );
    const of = await fitted({ name: "tokens", tokenizer: { name: "words" } }, textsColumn(texts));
    const part = { columns: ["text"], encoder: { name: "maskedTokens", of, unit: "token" } };
    const columns = { text: textsColumn(texts) };
    const [batch, again] = [await encodeAll(part, columns), await encodeAll(part, columns)];
    const [shown, labels] = [numbersOf(batch, "it.tokens"), numbersOf(batch, "it.labels")];
    expect(numbersOf(again, "it.tokens")).toEqual(shown);
    const counts = { mask: 0, random: 0, keep: 0 };
    labels.forEach((label, at) => {
      if (label < 0) return;
      if (shown[at] === 4) counts.mask++;
      else if (shown[at] === label) counts.keep++;
      else counts.random++;
      expect(label).toBeGreaterThan(4);
    });
    expect(counts.mask + counts.random + counts.keep).toBe(60 * 15);
    // Five standard deviations.
    expect(Math.abs(counts.mask - 720)).toBeLessThan(60);
    expect(Math.abs(counts.random - 90)).toBeLessThan(45);
    expect(Math.abs(counts.keep - 90)).toBeLessThan(45);
    // What pads is never predicted.
    const mask = numbersOf(batch, "it.mask");
    labels.forEach((label, at) => expect(mask[at] === 1 || label === -1).toBe(true));
  });

  test("are not unknown ones, and a text of nothing else has none", async () => {
    const reader = await readerOf({ name: "words" }, wordColumn);
    const { labels } = maskTokens(reader.read(["xyz xyz BRCA1"]), masking({ maskRatio: 0.9 }), randomStream(1, "mask"));
    expect([...labels].map((label) => label >= 0)).toEqual([false, false, false, true, false]);
    const none = maskTokens(reader.read(["xyz"]), masking(), randomStream(1, "mask"));
    expect(none.labels.every((label) => label === -1)).toBe(true);
  });

  test("need a mask token and shares that make a whole", async () => {
    const of = await fitted({ name: "tokens", tokenizer: { name: "words" } }, wordColumn);
    const replace = { mask: 0.8, random: 0.1, keep: 0.2 };
    expect(() => encoders.create({ name: "maskedTokens", of, replace })).toThrow(/shares are 1 together/);
    const renamed = JSON.parse(JSON.stringify(of).replaceAll("[MASK]", "[HIDE]")) as typeof of;
    (renamed["tokenizer"] as { special: { mask?: string } }).special.mask = undefined as never;
    expect(() => encoders.create({ name: "maskedTokens", of: renamed })).toThrow(/no mask token/);
    expect(() => encoders.create({ name: "maskedTokens", of: { name: "tokens" } })).toThrow(/not trained yet/);
  });
});

describe("next tokens", () => {
  test("are the tokens one place on", async () => {
    const of = await fitted({ name: "tokens", tokenizer: { name: "words" } }, wordColumn);
    const part = { columns: ["text"], encoder: { name: "nextTokens", of } };
    const columns = { text: textsColumn(["the patient has BRCA1 mutations", "ataxia"]) };
    const batch = await encodeAll(part, columns, { extents: { it: [10] } });
    const [tokens, labels, mask] = ["tokens", "labels", "mask"].map((name) => numbersOf(batch, `it.${name}`));
    for (let at = 0; at < 20; at++) {
      const isLast = at % 10 === 9 || mask![at + 1] === 0;
      expect(labels![at]).toBe(isLast ? -1 : tokens![at + 1]);
    }
  });

  test("of an instruction and its answer are those of the answer", async () => {
    const of = await fitted({ name: "tokens", tokenizer: { name: "words" }, pair: true }, wordColumn);
    const part = { columns: ["ask", "answer"], encoder: { name: "nextTokens", of, predict: "second" } };
    const columns = { ask: textsColumn(["the patient has"]), answer: textsColumn(["BRCA1 mutations"]) };
    const batch = await encodeAll(part, columns, { extents: { it: [10] } });
    const tokens = numbersOf(batch, "it.tokens");
    // [CLS] the patient has [SEP] BRCA1 mutations [SEP]
    expect(numbersOf(batch, "it.labels")).toEqual([-1, -1, -1, -1, tokens[5], tokens[6], tokens[7], -1, -1, -1]);
    const single = { ...of, pair: false };
    expect(() => encoders.create({ name: "nextTokens", of: single, predict: "second" })).toThrow(
      /second text in a pair/,
    );
  });
});
