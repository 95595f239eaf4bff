import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failure } from "../data.test.helper.ts";
import { sampleColumns } from "./columns.test.helper.ts";
import { columnKinds, kindOf } from "./index.ts";

const rowsOf = (length: number): number[] => Array.from({ length }, (_, row) => row);
const contentOf = (column: (typeof sampleColumns)["texts"]): string =>
  JSON.stringify([...kindOf(column).content(column)].map((part) => (typeof part === "string" ? part : [...part])));

describe("columnKinds", () => {
  it("has a sample of every kind in the tests below", () => {
    expect(new Set(Object.values(sampleColumns).map(({ kind }) => kind))).toEqual(
      new Set(columnKinds.map(({ kind }) => kind)),
    );
  });

  it("refuses a kind that is not listed", async () => {
    const error = await failure(() => kindOf({ kind: "smells", length: 0 }));
    expect(error.code).toBe("bad-data");
    expect(error.message).toContain("texts");
  });
});

describe.each(Object.entries(sampleColumns))("%s", (name, column) => {
  const kind = kindOf(column);
  // The files of samples do not exist; what they read as is tested with the readers.
  const read =
    name === "imageFiles" || kind.streamed === true
      ? undefined
      : (taken: typeof column, rows: number[]) => kind.read(taken, rows);

  it("takes any rows in any order, and reads the same values there", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: column.length - 1 }), { maxLength: 8 }), async (rows) => {
        const taken = kind.take(column, rows);
        expect(taken.length).toBe(rows.length);
        if (read) expect(await read(taken, rowsOf(rows.length))).toEqual(await read(column, rows));
        const prints = kind.fingerprints?.(column);
        if (prints) expect(kind.fingerprints!(taken)).toEqual(rows.map((row) => prints[row]));
      }),
      { numRuns: 30 },
    );
  });

  it("joins what was taken apart to the same content", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: column.length }), (at) => {
        const parts = [rowsOf(column.length).slice(0, at), rowsOf(column.length).slice(at)];
        const joined = kind.join(parts.map((rows) => kind.take(column, rows)));
        expect(contentOf(joined as never)).toBe(contentOf(column as never));
      }),
    );
  });

  it("has another content when rows change places or go", () => {
    const content = contentOf(column);
    expect(contentOf(kind.take(column, [3, 1, 2, 0]) as never)).not.toBe(content);
    expect(contentOf(kind.take(column, [0, 1, 2]) as never)).not.toBe(content);
  });

  it("survives a structured clone, sharing its arrays", () => {
    const clone = structuredClone(column);
    expect(contentOf(clone as never)).toBe(contentOf(column as never));
  });

  it("describes itself as plain data", () => {
    const described = kind.describe(column);
    expect(JSON.parse(JSON.stringify(described))).toEqual(described);
    expect(Object.keys(described).length).toBeGreaterThan(0);
  });

  it("reads a missing value as null", async () => {
    if (column.present === undefined || !read) return;
    expect(await read(column, [2])).toEqual([null]);
    expect((await read(column, [0]))[0]).not.toBeNull();
  });
});

describe("join", () => {
  it.each([
    ["classes", { names: ["malignant", "benign"] }, "class names"],
    ["numbers", { names: ["age", "height"] }, "names"],
    ["expressions", { genes: ["TP53", "EGFR", "KRAS"] }, "genes"],
    ["sequences", { alphabet: "rna" }, "alphabets"],
    ["spans", { types: ["Chemical", "Disease"] }, "types"],
    ["masks", { classes: ["background", "tumour"] }, "classes"],
    ["categories", { levels: [["m", "f"], ["A"]] }, "levels"],
    ["labels", { names: ["effusion", "oedema"] }, "labels"],
    ["images", { storage: { ...sampleColumns.images, kind: "files", paths: [], sizes: [] } }, "cannot be joined"],
  ] as const)("refuses %s that mean something else", async (name, change, what) => {
    const column = sampleColumns[name];
    const error = await failure(() => kindOf(column).join([column, { ...column, ...change }]));
    expect(error.code).toBe("bad-data");
    expect(error.message).toContain(what);
  });
});
