import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { line, open, refused } from "./readers.test.helper.ts";

describe("beir", () => {
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
