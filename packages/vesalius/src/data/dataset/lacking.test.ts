import { expect, test } from "vitest";
import { classesColumn } from "../columns/classes.ts";
import type { Column } from "../column.ts";
import { eventsColumn } from "../columns/events.ts";
import { labelsColumn } from "../columns/labels.ts";
import { spansColumn } from "../columns/spans.ts";
import { splitOf } from "../columns/columns.test.helper.ts";
import { open } from "../readers/readers.test.helper.ts";
import { lackingCautions } from "./lacking.ts";

const said = (column: Column, name = "validation") =>
  lackingCautions({ splits: { [name]: { ...splitOf({ column }), name } } }).join(" ");

test.each<[Column, string]>([
  [classesColumn(["a", "b"], [0, 0, null]), "all examples are of the class a"],
  [classesColumn(["a", "b", "c"], [0, 1]), "no example has the class c"],
  [labelsColumn(["x", "y"], 2, Int8Array.of(1, 0, 1, 1)), "no two examples differ in the label x"],
  [eventsColumn([1, 2], [0, 0]), "no event was observed"],
  [spansColumn(["Gene"], [[], []]), "nothing is marked"],
  [spansColumn(["Gene", "Drug"], [[{ start: 0, end: 1, type: "Gene" }]]), "nothing is marked as Drug"],
])("says what the examples of a split leave undefined: %#", (column, what) => {
  expect(said(column)).toBe(`Split validation, column column: ${what}; metrics that need it are not defined.`);
  expect(said(column, "train")).toContain("this cannot be learned");
});

test("says nothing where everything is there", () => {
  expect(said(classesColumn(["a", "b"], [0, 1]))).toBe("");
  expect(said(classesColumn(["a", "b"], [null, null]))).toBe("");
  expect(said(eventsColumn([1, 2], [0, 1]))).toBe("");
});

test("stands in the card of a dataset that is opened, also of one that was divided", async () => {
  const rows = (split: string, label: string, count: number): string =>
    Array.from({ length: count }, (_, i) => `some words of the ${split} text ${i},${label},${split}\n`).join("");
  const table = `text,label,split\n${rows("train", "a", 2)}${rows("train", "b", 2)}${rows("val", "a", 2)}`;
  expect((await open({ "x.csv": table })).card.cautions.join(" ")).toContain(
    "Split validation, column label: all examples are of the class a",
  );
});
