import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { open, refused } from "./readers.test.helper.ts";

describe("conll", () => {
  const columns = (lines: string): string => lines.replaceAll(" ", "\t");
  const train = columns("Loss O\nof O\nBRCA1 B-Gene\ngene I-Gene\n. O\n\nColon B-Disease\ncancer I-Disease\n\n");
  const devel = columns("No O\ncancer B-Disease\n");

  it("joins tokens by spaces and keeps entities as spans", async () => {
    const { splits, unit } = await open({ "train.tsv": train, "devel.tsv": devel });
    expect([unit, Object.keys(splits)]).toEqual(["sentences", ["train", "validation"]]);
    expect(await readExamples(splits["train"]!, ["text", "spans"], [0, 1])).toEqual([
      { text: "Loss of BRCA1 gene .", spans: [{ start: 8, end: 18, type: "Gene" }] },
      { text: "Colon cancer", spans: [{ start: 0, end: 12, type: "Disease" }] },
    ]);
    expect(columnOf(splits["validation"]!, "spans", "spans").types).toEqual(["Disease", "Gene"]);
  });

  it("reads spaces, four columns, document marks, Windows lines and IOBES", async () => {
    const text =
      "-DOCSTART- -X- O O\r\n\r\nEU NNP B-NP S-ORG\r\nrejects VBZ B-VP O\r\nthe DT B-NP B-LOC\r\nHague NNP I-NP E-LOC\r\nhere RB B-X B-LOC\r\n";
    const { splits } = await open({ "train.conll": text });
    const [example] = await readExamples(splits["train"]!, ["text", "spans"], [0]);
    expect(example).toEqual({
      text: "EU rejects the Hague here",
      spans: [
        { start: 0, end: 2, type: "ORG" },
        { start: 11, end: 20, type: "LOC" },
        { start: 21, end: 25, type: "LOC" },
      ],
    });
  });

  it("repairs tags that continue nothing as it is told, and counts them", async () => {
    const text = columns("a O\nb I-X\nc I-X\n\nd B-X\ne I-Y\n");
    const spansOf = async (repair: string) => {
      const { splits, card } = await open({ "train.tsv": text }, { repair });
      const examples = await readExamples(splits["train"]!, ["spans"], [0, 1]);
      return [examples.map((example) => example["spans"]), card.cautions.join(" ")] as const;
    };
    const [begun, said] = await spansOf("begin");
    expect(begun).toEqual([
      [{ start: 2, end: 5, type: "X" }],
      [
        { start: 0, end: 1, type: "X" },
        { start: 2, end: 3, type: "Y" },
      ],
    ]);
    expect(said).toContain("2 tags");
    expect((await spansOf("outside"))[0]).toEqual([[], [{ start: 0, end: 1, type: "X" }]]);
    expect((await refused({ "train.tsv": text }, { repair: "error" })).where).toContain("line 2");
  });

  it("joins characters of writing without spaces, and packs sentences", async () => {
    const chinese = await open({ "train.tsv": "头\tB-body\n痛\tI-body\n了\tO\n" });
    expect(columnOf(chinese.splits["train"]!, "text", "texts").values).toEqual(["头痛了"]);
    const packed = await open({ "train.tsv": train, "devel.tsv": devel }, { packWords: 8 });
    expect(await readExamples(packed.splits["train"]!, ["text", "spans"], [0])).toEqual([
      {
        text: "Loss of BRCA1 gene . Colon cancer",
        spans: [
          { start: 8, end: 18, type: "Gene" },
          { start: 21, end: 33, type: "Disease" },
        ],
      },
    ]);
    expect(packed.unit).toBe("texts");
  });

  it.each([
    ["a line of another number of columns", columns("a O\nb X O\n"), "line 2"],
    ["a tag that is none", columns("a O\nb Disease\n"), "line 2"],
    ["an empty file", "\n\n", "no sentences"],
    ["a line without a token", "\tO\n", "lacks a token"],
  ])("refuses %s without quoting it", async (_, text, message) => {
    const error = await refused({ "train.tsv": text }, { reader: "conll" });
    expect(error.code).toBe("bad-data");
    expect(error.message).toContain(message);
  });
});
