import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { png } from "../data.test.helper.ts";
import { kindsOf, line, open, refused } from "./readers.test.helper.ts";

describe("jsonLines", () => {
  it("reads questions about images, grouped by what the card says", async () => {
    const image = await png(3, 3, 1, (x) => x * 9);
    const asked = (image: string, question: string) =>
      line({ qid: question, image, question, answer: "yes", answer_type: "CLOSED" });
    const { splits } = await open(
      {
        "images/a.png": image,
        "images/b.png": await png(3, 3, 1, (x) => x * 8),
        "train.jsonl": asked("images/a.png", "Is there a mass here?") + asked("images/a.png", "Is it left or right?"),
        "val.jsonl": asked("images/b.png", "Is there a mass here?"),
        "dataset.json": '{"name":"vqa","groupingKey":"image"}',
      },
      { target: "answer" },
    );
    expect(kindsOf(splits["train"])).toEqual({ image: "images", question: "texts", label: "classes" });
    expect(splits["train"]).toMatchObject({
      groups: ["images/a.png", "images/a.png"],
      attributes: { answer_type: ["CLOSED", "CLOSED"] },
    });
    const [first, second] = await readExamples(splits["train"]!, ["image"], [0, 1]);
    expect(first).toEqual(second);
  });

  it("reads findings that several objects state as categories, and refuses two states of one", async () => {
    const findings = { kind: "categories", from: ["told", "asked"] } as const;
    const told = (id: string, told: object, asked: object) => line({ id, told, asked });
    const { splits } = await open(
      { "train.jsonl": told("a", { fever: true }, { cough: false }) + told("b", { cough: true }, { fever: true }) },
      { columns: { findings } },
    );
    expect(splits["train"]!.columns["findings"]).toMatchObject({
      names: ["fever", "cough"],
      levels: [["true"], ["false", "true"]],
      values: Int32Array.from([0, 0, 0, 1]),
    });
    const both = { "train.jsonl": told("a", { fever: true }, { fever: false }) };
    expect((await refused(both, { columns: { findings } })).message).toMatch(/two different values.*row 1/);
  });

  it("counts spans in characters as they are written, and keeps UTF-16 offsets", async () => {
    const text = "\u{1F9EC} Ann of Bern";
    const spans = [
      { start: 9, end: 13, label: "PLACE" },
      { start: 2, end: 5, label: "NAME" },
    ];
    const { splits } = await open({ "train.jsonl": line({ id: "d1", text, spans }) });
    const [example] = await readExamples(splits["train"]!, ["spans", "text"], [0]);
    const found = example!["spans"] as { start: number; end: number; type: string }[];
    expect(found.map(({ start, end, type }) => [type, text.slice(start, end)])).toEqual([
      ["NAME", "Ann"],
      ["PLACE", "Bern"],
    ]);
    const error = await refused({ "train.jsonl": line({ text: "Ann", spans: [{ start: 0, end: 9, label: "NAME" }] }) });
    expect(error.message).toContain("row 1");
    expect(error.message).not.toContain("Ann");
  });

  it("reads arrays, objects by key, nested fields and lists", async () => {
    const { splits } = await open({
      "train_set.json": JSON.stringify({
        "101": {
          QUESTION: "Does it help those who take it?",
          CONTEXTS: ["It was given to many people here.", "Some got well."],
          final_decision: "yes",
          meta: { year: 2001 },
        },
        "102": {
          QUESTION: "Is it safe for older people?",
          CONTEXTS: ["It was not tried on any of them."],
          final_decision: "no",
          meta: { year: 1999 },
        },
      }),
    });
    const train = splits["train"]!;
    expect(train.ids).toEqual(["101", "102"]);
    expect(kindsOf(train)).toEqual({ label: "classes", question: "texts", context: "texts" });
    expect(columnOf(train, "context", "texts").values[0]).toBe("It was given to many people here.\nSome got well.");
    expect(train.attributes["meta.year"]).toEqual([2001, 1999]);
    const codes = await open({
      "train.json": JSON.stringify({
        data: [
          { report: "Sinus rhythm in this one, nothing else", scp: ["SR", "NORM"] },
          { report: "Atrial fibrillation in that one here", scp: [] },
        ],
      }),
    });
    expect(columnOf(codes.splits["train"]!, "scp", "labels")).toMatchObject({
      names: ["NORM", "SR"],
      values: Int8Array.of(1, 1, 0, 0),
    });
  });

  it.each([
    ["a line that is no JSON", `${line({ text: "Ann was here" })}{"text": "Ann`, "line 2"],
    ["a line that is no object", "[1, 2]\n", "no JSON object"],
    ["an empty file", "", "no records"],
  ])("refuses %s without quoting it", async (_, content, text) => {
    const error = await refused({ "train.jsonl": content });
    expect(error.code).toBe("bad-data");
    expect(error.message).toContain(text);
    expect(error.message).not.toContain("Ann");
  });
});
