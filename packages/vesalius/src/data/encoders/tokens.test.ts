import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { moleculesColumn } from "../columns/molecules.ts";
import { sequencesColumn } from "../columns/sequences.ts";
import { textsColumn } from "../columns/texts.ts";
import type { Column } from "../column.ts";
import { batches } from "../loaders/batches.ts";
import { createTokenizer } from "../tokenizers/create-tokenizer.ts";
import { readTokenizer } from "../tokenizers/files/read-tokenizer.ts";
import type { TokenizerFile } from "../tokenizers/tokenizer-file.ts";
import { encodeAll, fitted, numbersOf, planOf, splitOf } from "./encoding.test.helper.ts";
import { encoders } from "./index.ts";
import { tokens } from "./tokens.ts";
import { tokenReader, wordPlaces } from "./tokens/read-tokens.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { HIDDEN_ROW, NO_WORD_ROW, wordShape } from "./tokens/word-features.ts";

const texts = [
  "Loss of BRCA1 predisposes to breast cancer.",
  "Ataxia-telangiectasia is recessive; the ATM gene is on 11q22.3.",
  "The patient has no family history of cancer.",
  "BRCA1 and BRCA2 carriers were compared.",
];

/** Tokens fitted on columns. */
const tokensOf = (settings: Record<string, unknown>, ...columns: readonly Column[]) =>
  fitted<z.output<typeof tokens.settings>>({ name: "tokens", ...settings }, ...columns);
const words = { name: "words", lowercase: true };

describe("tokens", () => {
  test("of a batch are those of the tokenizer, padded, with a mask", async () => {
    const column = textsColumn(texts);
    const spec = await tokensOf({ tokenizer: words }, column);
    const tokenizer = createTokenizer(spec.tokenizer as TokenizerFile);
    const made = await batches(
      splitOf({ text: column }),
      planOf({ text: { columns: ["text"], encoder: spec } }, { extents: { text: [16, 24] } }),
    );
    const lines: string[] = [];
    for (let step = 0; step < made.steps; step++) {
      const batch = await made.batch(step);
      const [rows, length] = batch.feeds.get("text.tokens")!.shape as [number, number];
      expect(made.inputs(batch.bucket)).toEqual({
        "text.tokens": { dtype: "int32", shape: [rows, length] },
        "text.mask": { dtype: "float32", shape: [rows, length] },
      });
      for (let row = 0; row < batch.size; row++) {
        const ids = numbersOf(batch, "text.tokens").slice(row * length, (row + 1) * length);
        const mask = numbersOf(batch, "text.mask").slice(row * length, (row + 1) * length);
        const { ids: expected } = tokenizer.wrap(tokenizer.encode(texts[batch.rows[row]!]!));
        expect(ids).toEqual([...expected, ...Array<number>(length - expected.length).fill(0)]);
        expect(mask).toEqual(ids.map((_, i) => (i < expected.length ? 1 : 0)));
        lines[batch.rows[row]!] = tokenizer.decode(expected, { skipSpecialTokens: true });
      }
    }
    expect(lines[0]).toBe("loss of brca1 predisposes to breast cancer .");
    expect(made.counts["text"]).toMatchObject({ truncatedTexts: 0, unknownTokens: 0 });
  });

  test("hold what fits, and say how much did not", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom("heart", "lung", "is", "clear"), { maxLength: 30 }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.integer({ min: 3, max: 20 }),
        async (drawn, maximumLength) => {
          const column = textsColumn(["heart lung is clear", ...drawn.map((text) => text.join(" "))]);
          const spec = await tokensOf({ tokenizer: words, maximumLength }, column);
          const made = await batches(splitOf({ text: column }), planOf({ text: { columns: ["text"], encoder: spec } }));
          const lost = [4, ...drawn.map(({ length }) => length)].map((count) => Math.max(0, count + 2 - maximumLength));
          expect(made.counts["text"]).toMatchObject({
            truncatedTexts: lost.filter((count) => count > 0).length,
            truncatedTokens: lost.reduce((a, b) => a + b),
          });
          for (let step = 0; step < made.steps; step++) {
            const batch = await made.batch(step);
            const last = batch.feeds.get("text.tokens")!.shape[1]! - 1;
            // Whatever is cut, the end token stays.
            for (let row = 0; row < batch.size; row++) {
              const line = numbersOf(batch, "text.tokens").slice(row * (last + 1), (row + 1) * (last + 1));
              expect(line.filter((id) => id === 3)).toHaveLength(1);
            }
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test("of a pair are told apart, and the longer text gives way", async () => {
    const columns = [textsColumn(texts), textsColumn(["Is there a mutation?", "No.", "Yes.", "Why?"])];
    const spec = await tokensOf({ tokenizer: words, pair: true, maximumLength: 12, lengths: [12] }, ...columns);
    const made = await batches(
      splitOf({ note: columns[0]!, question: columns[1]! }),
      planOf({ text: { columns: ["note", "question"], encoder: spec } }),
    );
    const batch = await made.batch(0);
    expect(batch.bucket).toBe("text=12");
    expect(numbersOf(batch, "text.segments").slice(0, 12)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    const lone = planOf({ text: { columns: ["note"], encoder: spec } });
    await expect(batches(splitOf({ note: columns[0]! }), lone)).rejects.toThrow(/from 2 columns, not 1/);
  });

  test("of several columns without a pair are those of one text, in which an empty one leaves no trace", async () => {
    const title = textsColumn(["Ataxia", ""]);
    const text = textsColumn(["Loss of ATM.", "No effusion."]);
    const joined = textsColumn(["Ataxia\nLoss of ATM.", "No effusion."]);
    const spec = await tokensOf({ tokenizer: words, features: { minimumFrequency: 1 } }, title, text);
    const read = await encodeAll({ columns: ["title", "text"], encoder: spec }, { title, text });
    const alone = await encodeAll({ columns: ["joined"], encoder: spec }, { joined });
    expect(read.feeds).toEqual(alone.feeds);
  });

  test("of joined documents are parted by the end token, and offsets stay those of the text", async () => {
    const joined = texts.join("\u001e");
    const spec = await tokensOf({ tokenizer: words, separator: "\u001e" }, textsColumn([joined]));
    const reader = tokenReader(tokensSpecSchema.parse(spec));
    const { ids, wordIds, offsets } = reader.read([joined]);
    expect([...ids].filter((id) => id === 3)).toHaveLength(texts.length);
    const alone = texts.map((text) => [...reader.tokenizer.encode(text).ids]);
    expect([...ids]).toEqual([2, ...alone.flatMap((one) => [...one, 3])]);
    const places = wordPlaces(reader.read([joined]));
    expect(Array.from(places.tokens, (_, word) => joined.slice(places.starts[word], places.ends[word]))).toEqual(
      Array.from(ids.keys())
        .filter((token) => wordIds[token]! >= 0)
        .map((token) => joined.slice(offsets[2 * token], offsets[2 * token + 1])),
    );
    expect(joined.slice(places.starts.at(-2), places.ends.at(-2))).toBe("compared");
    const endless = JSON.parse(JSON.stringify(spec).replaceAll("[SEP]", "[DOT]")) as typeof spec;
    const file = endless.tokenizer as TokenizerFile;
    const bare = { ...file, special: {}, tokenizer: { ...file.tokenizer, post_processor: null } };
    expect(() => encoders.create({ ...endless, tokenizer: bare })).toThrow(/no end token to part documents/);
  });

  test("of a missing text are zeros, and it is said that it is missing", async () => {
    const column = textsColumn([texts[0]!, null]);
    const spec = await tokensOf({ tokenizer: words }, column);
    const part = { columns: ["text"], encoder: spec, optional: true };
    const batch = await encodeAll(part, { text: column }, { extents: { it: [16] } });
    expect(numbersOf(batch, "it.present")).toEqual([1, 0]);
    expect(numbersOf(batch, "it.mask").slice(16, 32)).toEqual(Array<number>(16).fill(0));
  });

  test("carry features of whole words, rare ones in one row", async () => {
    const column = textsColumn(texts);
    const features = { minimumFrequency: 2, prefixes: [3], suffixes: [] };
    const spec = await tokensOf({ tokenizer: { name: "characters" }, features }, column);
    const pieces = await tokensOf({ tokenizer: words, features }, column);
    expect(pieces.features!.values![0]).toContain("X9");
    expect(pieces.features!.values![1]).toContain("^brc");
    for (const one of [spec, pieces]) {
      const encoder = encoders.create(one);
      const [prepared] = encoder.prepare!([texts[0]!]) as [{ features: Int32Array; wordIds: Int32Array }];
      const byWord = new Map<number, string>();
      prepared.wordIds.forEach((word, token) => {
        const rows = [...prepared.features.subarray(2 * token, 2 * token + 2)];
        expect(Math.max(...rows)).toBeLessThan(one.featureRows!);
        if (word < 0) expect(rows).toEqual([NO_WORD_ROW, NO_WORD_ROW]);
        else expect(Math.min(...rows)).toBeGreaterThan(HIDDEN_ROW);
        expect(byWord.get(word) ?? rows.join()).toBe(rows.join());
        byWord.set(word, rows.join());
      });
    }
    const [a, b] = ["BRCA1", "BRCA2"].map((word) => {
      const [prepared] = encoders.create(pieces).prepare!([word]) as [{ features: Int32Array }];
      return [...prepared.features.subarray(2, 4)];
    });
    expect(a).toEqual(b);
  });

  test("are those of the kind of column where no tokenizer is named", async () => {
    const names = (spec: { tokenizer?: unknown }) => createTokenizer(spec.tokenizer as TokenizerFile).vocabulary;
    expect(names(await tokensOf({}, sequencesColumn("protein", ["MKV"])))).toContain("<cls>");
    expect(names(await tokensOf({}, sequencesColumn("rna", ["ACGU"])))).toContain("U");
    expect(names(await tokensOf({}, moleculesColumn(["c1ccccc1Cl"])))).toContain("Cl");
    expect(names(await tokensOf({}, textsColumn(texts)))).toContain("##a");
  });
});

describe("fitting tokens", () => {
  test("keeps what is fitted, and the saved files give the same tokens", async () => {
    const column = textsColumn(texts);
    const spec = await tokensOf({ tokenizer: words, features: { minimumFrequency: 1 } }, column);
    expect(await tokensOf(spec, textsColumn(["something else"]))).toEqual(spec);
    const { name: _name, ...settings } = spec;
    const read = readTokenizer(tokens.files!(settings));
    expect([...read.encode(texts[1]!).ids]).toEqual([
      ...createTokenizer(spec.tokenizer as TokenizerFile).encode(texts[1]!).ids,
    ]);
  });

  test("draws texts where there are too many, the same ones for the same seed", async () => {
    const column = textsColumn(Array.from({ length: 50 }, (_, i) => `word${i} word${i}`));
    const settings = { tokenizer: words, trainingCharacters: 100 };
    const [first, second] = [await tokensOf(settings, column), await tokensOf(settings, column)];
    const { vocabulary } = createTokenizer(first.tokenizer as TokenizerFile);
    expect(vocabulary.length).toBeLessThan(15);
    expect(vocabulary.length).toBeGreaterThan(8);
    expect(second).toEqual(first);
  });

  test("refuses what cannot work before time is spent", async () => {
    await expect(tokensOf({ tokenizer: words }, textsColumn([null]))).rejects.toThrow(/no text to learn tokens from/);
    await expect(tokensOf({ tokenizer: { name: "wordPieces" } }, textsColumn(texts))).rejects.toThrow(
      /neither a kind of tokenizer \(.*words.*\) nor a tokenizer's file/,
    );
    await expect(tokensOf({ tokenizer: words, lengths: [64, 32] }, textsColumn(texts))).rejects.toThrow(/ascending/);
    expect(() => encoders.create({ name: "tokens", tokenizer: words })).toThrow(/not trained yet/);
    const spec = await tokensOf({ tokenizer: words }, textsColumn(texts));
    expect(() => encoders.create({ ...spec, maximumLength: 2 })).toThrow(/2 tokens leave no room/);
    expect(() => encoders.create({ ...spec, features: {} })).toThrow(/features of words are not counted/);
    const strict = encoders.create({ ...spec, maximumLength: 5, overlong: "refuse" });
    expect(() => strict.prepare!([texts[0]!])).toThrow(/8 tokens do not fit into 3/);
    const bare = encoders.create({ ...spec, addSpecial: false });
    expect(() => bare.prepare!([" "])).toThrow(/no token/);
  });
});

test("word shapes", () => {
  expect(["Ataxia", "BRCA1", "11q22.3", "a", "ATM", "é", "β-catenin", "3,400"].map(wordShape)).toEqual([
    "Xx",
    "X9",
    "9x9.9",
    "x1",
    "X3",
    "x1",
    "x-x",
    "9,9",
  ]);
});
