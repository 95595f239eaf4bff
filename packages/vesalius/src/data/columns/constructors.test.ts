import { describe, expect, it } from "vitest";
import { failure } from "../data.test.helper.ts";
import { sampleColumns, splitOf } from "./columns.test.helper.ts";
import {
  categoriesColumn,
  classCounts,
  classesColumn,
  eventsColumn,
  expressionsColumn,
  imagesColumn,
  kindOf,
  labelsColumn,
  masksColumn,
  maskData,
  numbersColumn,
  referencesColumn,
  sequencesColumn,
  spansColumn,
  textsColumn,
} from "./constructors.ts";

describe("constructors refuse what does not fit, saying where", () => {
  const table = splitOf({ text: textsColumn(["only"]) }, { name: "documents" });
  it.each([
    ["a class without a name", () => classesColumn(["a"], [0, 1]), "bad-data", "row 2"],
    ["two classes of one name", () => classesColumn(["a", "a"], []), "bad-data", "same name"],
    ["a label of 2", () => labelsColumn(["a", "b"], 1, Int8Array.of(0, 2)), "bad-data", "row 1, label b"],
    ["numbers that do not fill the rows", () => numbersColumn(["a"], 2, [1]), "shape-mismatch", "1 values"],
    ["a level that does not exist", () => categoriesColumn(["a"], [["x"]], 1, [1]), "bad-data", "row 1, a"],
    ["a negative time", () => eventsColumn([3, -1], [1, 1]), "bad-data", "row 2"],
    ["an event of 2", () => eventsColumn([3], [2]), "bad-data", "neither 1"],
    ["a backward span", () => spansColumn(["A"], [[{ start: 3, end: 3, type: "A" }]]), "bad-data", "row 1"],
    [
      "a span of unknown type",
      () => spansColumn(["A"], [[{ start: 3, end: 4, type: "B" }]]),
      "bad-data",
      "type is not listed",
    ],
    ["a letter outside the alphabet", () => sequencesColumn("dna", ["AC", "ACUG"]), "bad-data", "position 3"],
    ["a reference outside the table", () => referencesColumn(table, [{ rows: [1] }]), "bad-data", "documents"],
    [
      "half an image",
      () => imagesColumn(new Uint8Array(3), { channels: 1, height: 2, width: 2 }),
      "shape-mismatch",
      "3 bytes",
    ],
    [
      "genes out of order",
      () => expressionsColumn(["a", "b"], [0, 2], Int32Array.of(1, 0), Float32Array.of(1, 1)),
      "bad-data",
      "row 1",
    ],
    [
      "an expression of NaN",
      () => expressionsColumn(["a"], [0, 1], Int32Array.of(0), Float32Array.of(Number.NaN)),
      "not-a-number",
      "row 1",
    ],
    [
      "a mask value without a class",
      () => masksColumn(["background"], [{ extents: [1], data: Uint8Array.of(1) }]),
      "bad-data",
      "row 1",
    ],
    ["a label map with a foreign value", () => maskData(Int16Array.of(0, 7), [0, 255], "a.png"), "bad-data", "value 7"],
  ])("%s", async (_, make, code, text) => {
    const error = await failure(make);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });
});

describe("kinds of column", () => {
  it("counts classes without the missing ones", () => {
    expect(classCounts(classesColumn(["a", "b"], [1, -1, null, 1, 0]))).toEqual([1, 2]);
  });

  it("reads a mask of other file values as class indices", () => {
    expect([...maskData(Uint8Array.of(255, 0, 255), [0, 255], "a.png")]).toEqual([1, 0, 1]);
  });

  it("reads what was stored", async () => {
    const read = async (name: keyof typeof sampleColumns, row: number): Promise<unknown> =>
      (await kindOf(sampleColumns[name]).read(sampleColumns[name], [row]))[0];
    expect(await read("sequences", 0)).toBe("ACGT");
    expect(await read("classes", 1)).toBe(1);
    expect(await read("events", 3)).toEqual({ time: 12, observed: true });
    expect(await read("references", 0)).toEqual({ rows: Int32Array.of(2, 0), grades: Float32Array.of(2, 1) });
    expect(await read("expressions", 3)).toEqual({ genes: Int32Array.of(0, 1), values: Float32Array.of(7, 0.5) });
    expect(await read("images", 1)).toEqual({
      channels: 1,
      extents: [2, 2],
      data: Uint8Array.of(4, 5, 6, 7),
      scale: 255,
    });
    expect(await read("volumes", 3)).toMatchObject({ extents: [2, 1, 2], data: Float32Array.of(4, 2, 3, -4) });
    expect(await read("spans", 0)).toEqual([
      { start: 0, end: 4, type: "Chemical" },
      { start: 5, end: 9, type: "Disease" },
    ]);
  });
});
