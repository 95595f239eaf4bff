import { expect, it } from "vitest";
import { splitOf } from "../columns/columns.test.helper.ts";
import { referencesColumn, textsColumn } from "../columns/constructors.ts";
import { reduceTables } from "./reduce-tables.ts";
import { columnOf, readExamples } from "./rows.ts";

const passages = splitOf({ text: textsColumn(Array.from({ length: 10 }, (_, i) => `passage ${i}`)) });
const split = splitOf({
  query: textsColumn(["a", "b", "c"]),
  relevant: referencesColumn(passages, [{ rows: [9, 4], grades: [1, 2] }, null, { rows: [4], grades: [1] }]),
});

it("keeps what examples refer to and a few others, and what examples read stays the same", async () => {
  const small = reduceTables(split, 4);
  const { entries } = columnOf(small, "relevant", "references");
  expect(entries.ids).toEqual([0, 1, 4, 9].map((row) => passages.ids[row]));
  const names = ["query", "relevant.text"];
  expect(await readExamples(small, names, [0, 1, 2])).toEqual(await readExamples(split, names, [0, 1, 2]));
  expect(await readExamples(small, ["relevant"], [0])).toEqual([
    { relevant: { rows: Int32Array.of(3, 2), grades: Float32Array.of(1, 2) } },
  ]);
});

it("never leaves out what examples refer to, and leaves small tables alone", () => {
  expect(columnOf(reduceTables(split, 1), "relevant", "references").entries.length).toBe(2);
  expect(reduceTables(split, 10).columns["relevant"]).toBe(split.columns["relevant"]);
});
