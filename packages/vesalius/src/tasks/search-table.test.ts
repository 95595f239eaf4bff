import { describe, expect, it } from "vitest";
import { type Column, type Part, referencesColumn, type Split, textsColumn } from "../data/index.ts";
import { wordFile } from "../data/tokenizers/kinds/words.ts";
import { matchColumns } from "./match-columns.ts";
import { tableReadBy, withTable } from "./search-table.ts";

const tokenizer = wordFile(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "one"]);
const partOf = (...columns: string[]): Part => ({ columns, encoder: { name: "tokens", tokenizer } });
const modelOf = (parts: Readonly<Record<string, Part>>) => ({
  plan: () => ({ parts, sampler: { name: "inOrder" }, rows: 1, extents: {}, seed: 0 }),
});
const splitOf = (name: string, columns: Record<string, Column>): Split => ({
  name,
  length: 2,
  ids: ["a", "b"],
  groups: undefined,
  attributes: {},
  columns,
});
const passages = splitOf("passages", { title: textsColumn(["One", ""]), text: textsColumn(["x", "y"]) });
const relevant = referencesColumn(passages, [{ rows: [1] }, null]);
const questions = splitOf("train", { query: textsColumn(["q", "r"]), relevant });
const model = modelOf({ query: partOf("query"), document: partOf("relevant.title", "relevant.text") });
const asked = splitOf("inputs", { query: textsColumn(["What?", "Why?"]) });
const dataset = { name: "corpus", splits: { train: questions }, tables: { passages } };

describe("withTable", () => {
  it("knows what a model reads of a table", () => {
    expect(tableReadBy(model)).toEqual({ column: "relevant", names: ["title", "text"] });
    expect(tableReadBy(modelOf({ query: partOf("query") }))).toBeUndefined();
  });

  it.each([
    ["that a split of the data refers to", dataset],
    ["that the data have alone", { ...dataset, splits: {} }],
    ["that is all of the data", { name: "entries", splits: { train: passages }, tables: {} }],
  ])("puts the table %s beside questions that refer to nothing", (_, data) => {
    const found = withTable(model, asked, data);
    expect(found.columns["query"]).toBe(asked.columns["query"]);
    expect(found.columns["relevant"]).toMatchObject({ kind: "references", entries: passages, length: 2 });
    expect(matchColumns(model, found)).toBe(found);
  });

  it("keeps the table of data that have one", () => {
    expect(withTable(model, questions, { ...dataset, splits: {}, tables: {} })).toBe(questions);
  });

  it("says what is missing, and refuses to choose between tables", () => {
    const bare = splitOf("notes", { text: textsColumn(["x", "y"]) });
    const notes = { name: "notes", splits: { train: bare }, tables: {} };
    expect(() => withTable(model, asked, notes)).toThrow(/the entries of notes have no title/);
    const two = { name: "both", splits: { train: bare, test: bare }, tables: {} };
    expect(() => withTable(model, asked, two)).toThrow(/not said which of notes, notes to search/);
    expect(() => withTable(modelOf({ query: partOf("query") }), asked, dataset)).toThrow(/searches no table/);
  });
});
