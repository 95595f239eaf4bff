import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it, test } from "vitest";
import { VesaliusError } from "../../common/errors.ts";
import { failure, makeFolder } from "../data.test.helper.ts";
import { describeDataset, readExamples } from "../dataset/index.ts";
import { batches } from "../loaders/batches.ts";
import { openDataset } from "../open-dataset.node.ts";
import { shardedRows } from "../samplers/sharded.ts";
import type { Split } from "../split.ts";
import { wordCount } from "../steps/texts.ts";
import { line, open, refused } from "./readers.test.helper.ts";

async function textsOf(split: Split): Promise<string[]> {
  const examples = await readExamples(
    split,
    ["text"],
    Int32Array.from({ length: split.length }, (_, row) => row),
  );
  return examples.map((example) => example["text"] as string);
}

const words = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `w${from + i}${i % 7 === 6 ? "é\u{1F9EC}" : ""}`).join(" ");
const settings = { reader: "corpus", length: 16 } as const;

describe("corpus", () => {
  const documents = Array.from({ length: 40 }, (_, i) => words(100 * i, 1 + ((i * 7) % 45)));
  const asJson = documents.map((text, id) => line({ id, meta: { text } })).join("");
  const whole = { data: [{ name: "text", data: documents, type: "STRING" as const }] };

  it.each([
    ["lines", "train.txt", documents.join("\n"), {}],
    [
      "paragraphs",
      "train.txt",
      documents.map((text) => text.replaceAll(" ", "\n")).join("\n \n"),
      { per: "paragraph" },
    ],
    ["JSON lines", "train.jsonl", asJson, { field: "meta.text" }],
    ["Parquet", "train.parquet", new Uint8Array(parquetWriteBuffer({ columnData: whole.data, rowGroupSize: 7 })), {}],
  ] as const)("cuts and joins %s to examples without losing or repeating a word", async (_, file, content, more) => {
    const { splits, card, unit } = await open({ [file]: content }, { ...settings, ...more });
    const texts = await textsOf(splits["train"]!);
    const said = card.cautions.join(" ");
    expect(unit).toBe("texts");
    for (const text of texts) expect(wordCount(text)).toBeLessThanOrEqual(16);
    const sorted = (all: readonly string[]): string[] => all.flatMap((text) => text.split(/\s+/)).sort();
    expect(sorted(texts)).toEqual(sorted(documents));
    const total = documents.reduce((sum, text) => sum + wordCount(text), 0);
    const padding = 100 * (1 - total / (texts.length * 16));
    expect(said).toContain(`40 documents of train became ${texts.length} texts`);
    expect(said).toContain(`${padding.toFixed(1)}% of the places are empty`);
    // Best fit leaves few places empty.
    expect(padding).toBeLessThan(8);
    expect(() => JSON.stringify(describeDataset({ name: "x", card, unit, splits, tables: {} }))).not.toThrow();
  });

  it("parts documents by the separator, and keeps them apart from a held out share of whole documents", async () => {
    const short = Array.from({ length: 60 }, (_, i) => `d${i} has five plain words`);
    const { splits } = await open({ "a.txt": short.join("\n") }, { ...settings, separator: " || ", heldOut: 0.3 });
    const [train, validation] = await Promise.all([textsOf(splits["train"]!), textsOf(splits["validation"]!)]);
    const named = (texts: string[]): string[] => texts.flatMap((text) => text.split(" || "));
    expect([...named(train), ...named(validation)].sort()).toEqual([...short].sort());
    expect(named(validation).length).toBeGreaterThan(6);
    expect(named(validation).length).toBeLessThan(32);
    const again = await open({ "a.txt": short.join("\n") }, { ...settings, separator: " || ", heldOut: 0.3 });
    expect(await textsOf(again.splits["validation"]!)).toEqual(validation);
  });

  test.each([
    [
      "bytes that are no UTF-8, by their place",
      { "a.txt": new Uint8Array([65, 66, 10, 67, 0xe9, 32, 68]) },
      /not UTF-8 at byte 5/,
    ],
    ["a line that is no JSON", { "a.jsonl": `${line({ text: "one two" })}{"text": ` }, /not JSON.*line 2/],
    ["records without the field", { "a.jsonl": line({ note: "one two" }) }, /no document has a text \(field text\)/],
    ["empty documents alone", { "a.txt": "\n \n\n" }, /no document has a text/],
    ["packed files", { "a.txt": new Uint8Array([0x1f, 0x8b, 8, 0]) }, /gzip/],
    ["kinds side by side", { "a.txt": "one", "b.jsonl": line({ text: "one" }) }, /2 kinds of files/],
    [
      "a Parquet file without the column",
      {
        "a.parquet": new Uint8Array(
          parquetWriteBuffer({ columnData: [{ name: "note", data: ["x"], type: "STRING" }] }),
        ),
      },
      /no column text.*note/s,
    ],
  ])("refuses %s", async (_, files, message) => {
    expect((await refused(files, settings)).message).toMatch(message);
  });

  it("reads a document of ten million characters in pieces", { timeout: 60_000 }, async () => {
    const text = "ten chars ".repeat(1_000_000);
    const { splits } = await open({ "a.txt": text }, { ...settings, length: 1000, per: "file" });
    expect(splits["train"]!.length).toBe(2000);
    const [last] = await readExamples(splits["train"]!, ["text"], [1999]);
    expect((last!["text"] as string).length).toBe(4999);
  });

  it("refuses to read files that were changed since", async () => {
    const folder = await makeFolder({ "a.txt": documents.join("\n") });
    const { splits } = await openDataset(folder, settings);
    await writeFile(join(folder, "a.txt"), "short");
    const error = await failure(() => textsOf(splits["train"]!));
    expect(error).toBeInstanceOf(VesaliusError);
    expect(error.message).toContain("changed after its texts were found");
  });

  it("feeds tokens without looking through all texts, the same whenever a step is asked for", async () => {
    const { splits } = await open({ "a.txt": documents.join("\n") }, settings);
    const tokens = (lengths?: number[]) => ({
      parts: {
        text: {
          columns: ["text"],
          encoder: {
            name: "tokens",
            tokenizer: tokenizerFile,
            ...(lengths === undefined ? {} : { lengths }),
          },
        },
      },
      sampler: { name: "sharded", shard: 8, buffer: 12 },
      rows: 4,
      extents: {},
      seed: 3,
    });
    const { trainTokenizer } = await import("../tokenizers/train-tokenizer.ts");
    const tokenizerFile = (await trainTokenizer({ name: "wordPiece", vocabularySize: 300 }, documents)).toJson();
    const made = await batches(splits["train"]!, tokens([64]));
    const [late, again] = [await made.batch(7), await made.batch(7)];
    expect(late.feeds.get("text.tokens")!.shape).toEqual([4, 64]);
    expect(again.feeds.get("text.tokens")!.data).toEqual(late.feeds.get("text.tokens")!.data);
    const error = await failure(() => batches(splits["train"]!, tokens()));
    expect(error.message).toMatch(/one length/);
  });
});

test("an epoch by shards has every row once, and rows that are read together were near each other", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 80 }),
      fc.nat(100),
      (length, shard, buffer, epoch) => {
        const rows = shardedRows(length, shard, buffer, 5, epoch);
        expect(Array.from(rows).sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, row) => row));
        expect(shardedRows(length, shard, buffer, 5, epoch)).toEqual(rows);
      },
    ),
  );
  const rows = shardedRows(10_000, 100, 300, 1, 0);
  const shards = (from: number): number =>
    new Set(Array.from(rows.slice(from, from + 100), (row) => Math.floor(row / 100))).size;
  // A row can stay in the buffer for long, but most leave it soon.
  expect(shards(2000)).toBeLessThan(30);
  expect(Array.from(rows.slice(0, 100))).not.toEqual(Array.from(rows.slice(0, 100)).sort((a, b) => a - b));
});
