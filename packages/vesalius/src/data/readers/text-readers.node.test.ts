import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { failure, makeFolder } from "../data.test.helper.ts";
import { openDataset, type OpenDatasetOptions } from "../open-data.node.ts";

type Files = Record<string, string | Uint8Array>;
const open = async (files: Files, options?: OpenDatasetOptions) => openDataset(await makeFolder(files), options);
const refused = async (files: Files, options?: OpenDatasetOptions) => failure(() => open(files, options));

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

describe("beir", () => {
  const line = (record: object): string => `${JSON.stringify(record)}\n`;
  const files = {
    "corpus.jsonl": line({ _id: "d1", title: "Flu", text: "A virus." }) + line({ _id: "d2", title: "", text: "Rest." }),
    "queries.jsonl":
      line({ _id: "q1", text: "What causes flu?", metadata: { focus: "flu", kind: "cause" } }) +
      line({ _id: "q2", text: "What helps?", metadata: { focus: "cold", kind: "care" } }) +
      line({ _id: "q3", text: "What else?", metadata: { focus: "other", kind: "care" } }),
    "qrels/train.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\n",
    "qrels/dev.tsv": "query-id\tcorpus-id\tscore\nq2\td2\t1\nq2\td1\t0\n",
    "dataset.json": '{"name":"x","groupingKey":"metadata.focus (one topic)"}',
  };

  it("reads queries with references into the table of documents", async () => {
    const { splits, tables, card } = await open(files);
    expect(Object.keys(splits)).toEqual(["train", "validation"]);
    expect(splits["train"]).toMatchObject({ ids: ["q1"], groups: ["flu"], attributes: { "metadata.kind": ["cause"] } });
    expect(await readExamples(splits["train"]!, ["query", "relevant", "relevant.text"], [0])).toEqual([
      {
        query: "What causes flu?",
        relevant: { rows: Int32Array.of(0, 1), grades: Float32Array.of(2, 1) },
        "relevant.text": "A virus.",
      },
    ]);
    expect(columnOf(splits["validation"]!, "relevant", "references").rows).toEqual(Int32Array.of(1));
    expect(tables["documents"]!.ids).toEqual(["d1", "d2"]);
    expect(card.cautions.join(" ")).toContain("1 queries have no relevant document");
  });

  it.each([
    [
      "a judgement of an unknown query",
      { "qrels/train.tsv": "query-id\tcorpus-id\tscore\nq9\td1\t1\n" },
      "not in queries",
    ],
    [
      "a judgement of an unknown document",
      { "qrels/train.tsv": "query-id\tcorpus-id\tscore\nq1\td9\t1\n" },
      "not in corpus",
    ],
    ["a score that is no number", { "qrels/train.tsv": "query-id\tcorpus-id\tscore\nq1\td1\tyes\n" }, "no number"],
    ["a judgement twice", { "qrels/train.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td1\t1\n" }, "twice"],
    ["a document twice", { "corpus.jsonl": line({ _id: "d1", text: "a" }) + line({ _id: "d1", text: "b" }) }, "twice"],
    ["a document without text", { "corpus.jsonl": line({ _id: "d1" }) }, "no text"],
    ["a topic in two splits", { "qrels/dev.tsv": "query-id\tcorpus-id\tscore\nq1\td2\t1\n" }, "same id"],
  ])("refuses %s", async (_, change, message) => {
    expect((await refused({ ...files, ...change })).message).toContain(message);
  });
});

describe("text", () => {
  it("takes lines, paragraphs or files, with splits by name or folder", async () => {
    const files = { "train/a.txt": "one\n\ntwo\nthree\n", "val/b.txt": "four" };
    const texts = async (options?: OpenDatasetOptions) =>
      columnOf((await open(files, options)).splits["train"]!, "text", "texts").values;
    expect(await texts()).toEqual(["one", "two", "three"]);
    expect(await texts({ per: "paragraph" })).toEqual(["one", "two\nthree"]);
    expect(await texts({ per: "file" })).toEqual(["one\n\ntwo\nthree"]);
    expect((await open(files)).splits["validation"]!.ids).toEqual(["val/b.txt#1"]);
  });

  it("refuses files without text, and bytes that are none", async () => {
    expect((await refused({ "a.txt": "\n \n" })).message).toContain("no text");
    expect((await refused({ "a.txt": Uint8Array.of(0xff, 0x41, 0x20) })).message).toContain("Latin-1");
  });
});
