import { describe, expect, it, test } from "vitest";
import type { Relation } from "../columns/relations.ts";
import type { Span } from "../columns/spans.ts";
import { readExamples } from "../dataset/index.ts";
import { kindsOf, open, refused } from "./readers.test.helper.ts";

const TEXT = "\u{1F9EC} Lithium caused left and right hand tremor.\nIt stopped.\n";
// brat counts the sign at the beginning as one character.
const ANN = [
  "T1\tDrug 2 9\tLithium",
  "T2\tEffect 17 21;32 43\tleft hand tremor",
  "T3\tEffect 26 43\tright hand tremor",
  "R1\tcauses Arg1:T1 Arg2:T2",
  "R2\tcauses Arg1:T1 Arg2:T3",
  "A1\tNegated T3",
  "#1\tAnnotatorNotes T1\tsaid twice",
  "E1\tCause:T1",
].join("\n");

describe("brat", () => {
  it("reads spans by characters, relations with their spans, and counts what it does not read", async () => {
    const { splits, card, unit } = await open({
      "train/a.txt": TEXT,
      "train/a.ann": ANN,
      "train/b.txt": "Nothing is said here.\n",
      "val/c.txt": "Lithium again.",
      "val/c.ann": "T1\tDrug 0 7\tLithium\n",
    });
    expect(unit).toBe("documents");
    expect(kindsOf(splits["train"])).toEqual({ text: "texts", spans: "spans", relations: "relations" });
    const [a, b] = await readExamples(splits["train"]!, ["text", "spans", "relations"], [0, 1]);
    const marked = (a!["spans"] as Span[]).map(({ start, end, type }) => [type, TEXT.slice(start, end)]);
    expect(marked).toEqual([
      ["Drug", "Lithium"],
      ["Effect", "left and right hand tremor"],
      ["Effect", "right hand tremor"],
    ]);
    const relations = a!["relations"] as Relation[];
    expect(relations.map(({ type, head, tail }) => [type, head.type, TEXT.slice(tail.start, tail.end)])).toEqual([
      ["causes", "Drug", "left and right hand tremor"],
      ["causes", "Drug", "right hand tremor"],
    ]);
    expect([b!["spans"], b!["relations"]]).toEqual([null, null]);
    const said = card.cautions.join(" ");
    for (const part of [
      "1 attributes were not read",
      "1 events were not read",
      "1 notes were not read",
      "1 spans of several pieces were read from their beginning to their end",
      "1 spans overlap one before them",
      "1 documents have no file .ann",
    ])
      expect(said).toContain(part);
  });

  it("leaves spans of several pieces out where told, with their relations", async () => {
    const { splits, card } = await open({ "a.txt": TEXT, "a.ann": ANN }, { discontinuous: "leaveOut" });
    const [a] = await readExamples(splits["train"]!, ["spans", "relations"], [0]);
    expect((a!["spans"] as Span[]).length).toBe(2);
    expect((a!["relations"] as Relation[]).length).toBe(1);
    expect(card.cautions.join(" ")).toContain("1 relations were left out, as an argument is no span");
  });

  test.each([
    ["offsets beyond the text", "T1\tDrug 2 900\tLithium", /line 1/],
    ["offsets that lead to other words", "T1\tDrug 3 10\tLithium", /do not lead to the words/],
    ["an empty span", "T1\tDrug 4 4\t", /do not lie in the text/],
    ["an identifier twice", "T1\tDrug 2 9\tLithium\nT1\tDrug 2 9\tLithium", /twice.*line 2/s],
    [
      "an argument that is not there",
      "T1\tDrug 2 9\tLithium\nR1\tcauses Arg1:T1 Arg2:T9",
      /argument that is not there/,
    ],
    ["something else", "Lithium is a drug", /no annotation of brat/],
  ])("refuses %s without showing the text", async (_, ann, message) => {
    const error = await refused({ "a.txt": TEXT, "a.ann": ann });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("Lithium");
  });

  test("a file of annotations without its text is refused", async () => {
    const error = await refused({ "a.txt": TEXT, "b.ann": "T1\tDrug 0 3\tabc" });
    expect(error.code).toBe("missing-file");
  });
});
