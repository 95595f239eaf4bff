import { expect, test } from "vitest";
import { referencesColumn } from "../columns/references.ts";
import { textsColumn } from "../columns/texts.ts";
import type { Split } from "../split.ts";
import { datasetSteps } from "./index.ts";

const splitOf = (name: string, columns: Split["columns"], length: number): Split => ({
  name,
  length,
  ids: Array.from({ length }, (_, i) => `${name}/${i}`),
  groups: undefined,
  attributes: {},
  columns,
});
const documents = splitOf("documents", { text: textsColumn(["A virus.", "Rest.", null]) }, 3);
const split = splitOf(
  "train",
  {
    query: textsColumn(["What is flu?", "What helps?", "What else?", "And this?"]),
    relevant: referencesColumn(documents, [{ rows: [0, 1] }, { rows: [1] }, { rows: [] }, { rows: [2] }]),
  },
  4,
);

test("the text of the first reference becomes a column; what refers to nothing has none", async () => {
  const step = datasetSteps.create({ name: "referenced", as: "answer" });
  const { split: stepped, counts } = await step(split);
  expect(stepped.columns["answer"]).toEqual(textsColumn(["A virus.", "Rest.", null, null]));
  expect(counts).toEqual({ examples: 4, withoutReference: 2 });
  expect(stepped.columns["query"]).toBe(split.columns["query"]);
});

test("columns that are not there or there already are refused", async () => {
  const refused = (settings: object) => datasetSteps.create({ name: "referenced", as: "answer", ...settings })(split);
  await expect(refused({ as: "query" })).rejects.toMatchObject({ code: "bad-configuration" });
  await expect(refused({ column: "query" })).rejects.toMatchObject({ code: "bad-data" });
  await expect(refused({ of: "title" })).rejects.toMatchObject({ code: "bad-data" });
});
