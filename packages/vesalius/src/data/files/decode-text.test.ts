import { describe, expect, it } from "vitest";
import { failure } from "../data.test.helper.ts";
import { line, open, refused } from "../readers/readers.test.helper.ts";
import { decodeText } from "./decode-text.ts";

const text = "Größe, naïve\n";
const little = (marked: boolean): Uint8Array => new Uint8Array(Buffer.from(marked ? `\uFEFF${text}` : text, "utf16le"));
const big = (marked: boolean): Uint8Array => new Uint8Array(Buffer.from(little(marked)).swap16());
const latin = new Uint8Array(Buffer.from(text, "latin1"));

describe("decodeText", () => {
  it("reads UTF-8 and UTF-16 of either order, with and without a byte order mark", () => {
    const utf8 = new TextEncoder().encode(text);
    const marked = new TextEncoder().encode(`\uFEFF${text}`);
    for (const bytes of [utf8, marked, little(true), little(false), big(true), big(false)])
      expect(decodeText(bytes, "t")).toBe(text);
  });

  it("refuses other encodings by name, and reads them where they are said", async () => {
    const error = await failure(() => decodeText(latin, "t"));
    expect(error.what).toContain("byte 3 looks like Latin-1 or Windows-1252");
    expect(error.fixAs((name, value) => `--option ${name}=${value}`)).toContain("--option encoding=windows-1252");
    expect(decodeText(latin, "t", "windows-1252")).toBe(text);
    // What is Unicode stays so.
    expect(decodeText(new TextEncoder().encode(text), "t", "windows-1252")).toBe(text);
  });

  it("says what is no text, whatever its name", async () => {
    const workbook = await failure(() => decodeText(Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 200, 210), "t.csv"));
    expect(workbook.what).toContain("Excel workbook or an archive");
    const binary = await failure(() => decodeText(Uint8Array.of(1, 2, 3, 255, 254, 6, 7), "t.csv"));
    expect(binary.what).toBe("the file is no text");
  });
});

describe("every reader of text", () => {
  const record = { text: "A tale of one längere Zeile", label: "größer" };
  const layouts: Record<string, string> = {
    "rows.csv": `text,label\n${record.text},${record.label}\n`,
    "rows.tsv": `text\tlabel\n${record.text}\t${record.label}\n`,
    "rows.jsonl": line(record),
    "rows.json": JSON.stringify([record]),
    "train.conll": "Zeile\tO\nGröße\tB-Maß\n\n",
    "one.txt": `${record.text}\n`,
    "one.fa": ">a Größe\nACGT\n",
    "one.smi": "CCO Öl\n",
  };

  it("reads marked UTF-8 and UTF-16, refuses Latin-1, and reads it where it is said", async () => {
    for (const [name, content] of Object.entries(layouts)) {
      const expected = (await open({ [name]: content })).splits["train"]!.columns;
      for (const bytes of [
        new TextEncoder().encode(`\uFEFF${content}`),
        new Uint8Array(Buffer.from(`\uFEFF${content}`, "utf16le")),
        new Uint8Array(Buffer.from(`\uFEFF${content}`, "utf16le").swap16()),
        new Uint8Array(Buffer.from(content, "utf16le")),
      ])
        expect((await open({ [name]: bytes })).splits["train"]!.columns).toEqual(expected);
      const older = new Uint8Array(Buffer.from(content, "latin1"));
      expect((await refused({ [name]: older })).message).toContain("Latin-1 or Windows-1252");
      const declared = await open({ [name]: older }, { encoding: "windows-1252" });
      expect(declared.splits["train"]!.columns).toEqual(expected);
    }
  });

  it("and the description beside the data", async () => {
    const card = JSON.stringify({ name: "Größe", licence: "CC0" });
    const files = { "one.txt": "One line.\n" };
    for (const bytes of [Buffer.from(`\uFEFF${card}`, "utf16le"), new TextEncoder().encode(`\uFEFF${card}`)])
      expect((await open({ ...files, "dataset.json": bytes })).name).toBe("Größe");
    expect((await refused({ ...files, "dataset.json": Buffer.from(card, "latin1") })).message).toContain("Latin-1");
  });
});
