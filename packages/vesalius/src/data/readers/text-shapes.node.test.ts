import { describe, expect, it, test } from "vitest";
import type { Choices } from "../columns/choices.ts";
import type { Turn } from "../columns/dialogues.ts";
import type { Span } from "../columns/spans.ts";
import { readExamples } from "../dataset/index.ts";
import type { Split } from "../split.ts";
import { kindsOf, labelsOf, line, open, refused } from "./readers.test.helper.ts";

async function values<Value>(split: Split | undefined, name: string): Promise<(Value | null)[]> {
  const rows = Array.from({ length: split!.length }, (_, row) => row);
  return (await readExamples(split!, [name], rows)).map((example) => example[name] as Value | null);
}

describe("multiple choice", () => {
  const medmcqa = (cop: number | null, extra: object = {}) =>
    line({
      id: `q${cop}`,
      question: "Which one is it, of these?",
      opa: "iron",
      opb: "zinc",
      opc: "tin",
      opd: "lead",
      cop,
      subject_name: "Anatomy",
      ...extra,
    });

  it("reads MedMCQA as published: positions from 1, the subject as discipline of the question", async () => {
    const { splits, card } = await open({
      "train.jsonl": medmcqa(1) + medmcqa(4, { exp: "It is a heavy metal of old pipes." }),
    });
    expect(kindsOf(splits["train"])).toEqual({ choices: "choices", explanation: "texts", question: "texts" });
    expect(await values<Choices>(splits["train"], "choices")).toEqual([
      { options: ["iron", "zinc", "tin", "lead"], answer: 0 },
      { options: ["iron", "zinc", "tin", "lead"], answer: 3 },
    ]);
    expect(splits["train"]!.attributes).toEqual({ discipline: ["Anatomy", "Anatomy"] });
    expect(card.cautions.join(" ")).toContain("discipline");
  });

  it.each([
    ["a position from 0", [medmcqa(0), medmcqa(3)], [0, 3]],
    ["none, as in a hidden test", [medmcqa(0), medmcqa(-1), medmcqa(null)], [0, null, null]],
    [
      "letters of an object",
      [
        line({ question: "Which?", options: { A: "iron", B: "zinc", C: "" }, answer_idx: "B", answer: "zinc" }),
        line({ question: "What?", options: { A: "1", B: "2", C: "3" }, answer_idx: "C", answer: "3" }),
      ],
      [1, 2],
    ],
    ["letters of a list", [line({ question: "Which?", choices: ["iron", "zinc"], answer: "B" })], [1]],
    ["texts of a list", [line({ question: "Which?", choices: ["iron", "zinc"], answer: "zinc" })], [1]],
    [
      "keys of a list of objects",
      [
        line({
          question: "Which?",
          options: [
            { key: "A", value: "iron" },
            { key: "E", value: "tin" },
          ],
          answer_idx: "E",
        }),
      ],
      [1],
    ],
    [
      "labels beside texts, as ARC writes them",
      [line({ question: "Which?", choices: { text: ["iron", "zinc"], label: ["1", "2"] }, answerKey: "2" })],
      [1],
    ],
  ])("reads %s", async (_, lines, answers) => {
    const { splits } = await open({ "train.jsonl": lines.join("") });
    const found = await values<Choices>(splits["train"], "choices");
    expect(found.map((one) => one!.answer)).toEqual(answers);
  });

  test("refuses a right answer that is no option, with its row and without its text; what is not clear is asked", async () => {
    const wrong = await refused({
      "train.jsonl": medmcqa(1) + medmcqa(4) + line({ id: "s", question: "Secret?", opa: "a", opb: "b", cop: 7 }),
    });
    expect(wrong).toMatchObject({ code: "bad-data", what: expect.stringContaining("none of the 2 options") as string });
    expect(wrong.message).toContain("row 3");
    expect(wrong.message).not.toContain("Secret");
    const unclear = { "train.jsonl": medmcqa(1) + medmcqa(2) };
    expect((await refused(unclear)).message).toMatch(/from 0 or from 1.*first: 0/s);
    const columns = {
      choices: { kind: "choices", from: ["opa", "opb", "opc", "opd"], answer: "cop", first: 1 },
    } as const;
    const { splits } = await open(unclear, { columns });
    expect((await values<Choices>(splits["train"], "choices")).map((one) => one!.answer)).toEqual([0, 1]);
  });

  it("says where the text beside the letter is another option's", async () => {
    const { card } = await open({
      "train.jsonl": line({ question: "Which?", options: { A: "iron", B: "zinc" }, answer_idx: "A", answer: "zinc" }),
    });
    expect(card.cautions.join(" ")).toContain("In 1 questions answer is not the text");
  });
});

describe("conversations", () => {
  const said: Turn[] = [
    { role: "user", text: "Is it safe?" },
    { role: "assistant", text: "Ask your doctor." },
  ];
  it.each([
    [
      "OpenAI",
      {
        messages: [
          { role: "user", content: "Is it safe?" },
          { role: "assistant", content: [{ type: "text", text: "Ask your doctor." }] },
        ],
      },
    ],
    [
      "ShareGPT",
      {
        conversations: [
          { from: "human", value: "Is it safe?" },
          { from: "gpt", value: "Ask your doctor." },
        ],
      },
    ],
    ["Alpaca", { instruction: "Is it safe?", input: "", output: "Ask your doctor." }],
  ])("reads turns as %s writes them", async (_, record) => {
    const { splits } = await open({ "train.jsonl": line(record) });
    expect(await values(splits["train"], "dialogue")).toEqual([said]);
  });

  it("joins an instruction with its input, and keeps the texts", async () => {
    const { splits } = await open({
      "train.json": JSON.stringify([{ instruction: "Summarise.", input: "A long note.", output: "A note." }]),
    });
    expect(kindsOf(splits["train"])).toEqual({
      dialogue: "dialogues",
      instruction: "texts",
      input: "texts",
      output: "texts",
    });
    expect((await values<Turn[]>(splits["train"], "dialogue"))[0]![0]!.text).toBe("Summarise.\n\nA long note.");
  });

  it("reads lines of speakers: what is no speaker's line goes on", async () => {
    const csv =
      'ID,section_header,dialogue\n0,GENHX,"Doctor: What is it?\nPatient: Pain: sharp.\nGENERAL: tired\nsince Monday"\n1,CC,"Doctor: And you?\nPatient: Cough."\n';
    const { splits } = await open({
      "train.csv": csv,
      "val.csv": 'ID,section_header,dialogue\n9,CC,"Doctor: Hm?\nPatient: Yes."\n',
    });
    expect((await values(splits["train"], "dialogue"))[0]).toEqual([
      { role: "Doctor", text: "What is it?" },
      { role: "Patient", text: "Pain: sharp.\nGENERAL: tired\nsince Monday" },
    ]);
    expect(labelsOf(splits["train"])).toEqual(["GENHX", "CC"]);
  });

  it("takes turns without speakers in turn, says so, and reads findings as labels that may not be mentioned", async () => {
    const record = (id: number, disease: string, slots: object) =>
      line({ consult_id: id, disease_tag: disease, dialogue: ["It hurts.", "Where?", "Here."], slots });
    const files = {
      "train.jsonl": record(1, "cold", { cough: true, fever: false }) + record(2, "flu", { fever: true }),
      "diseases.txt": "cold\nflu\n",
    };
    const { splits, card } = await open(files);
    expect((await values<Turn[]>(splits["train"], "dialogue"))[0]!.map(({ role }) => role)).toEqual([
      "first",
      "second",
      "first",
    ]);
    expect(card.cautions.join(" ")).toMatch(/name no speakers.*1 .txt/s);
    expect((await values<Int8Array>(splits["train"], "slots")).map((row) => Array.from(row!))).toEqual([
      [1, 0],
      [-1, 1],
    ]);
    const declared = await open(files, {
      columns: { talk: { kind: "dialogues", from: "dialogue", speakers: ["patient", "doctor"] } },
    });
    expect((await values<Turn[]>(declared.splits["train"], "talk"))[1]![1]).toEqual({ role: "doctor", text: "Where?" });
  });

  it("refuses a turn without a speaker, and never shows what was said", async () => {
    const turns = [{ role: "user", content: "Secret" }, { content: "also secret" }];
    const columns = { talk: { kind: "dialogues", from: "messages" } } as const;
    const error = await refused({ "train.jsonl": line({ messages: turns }) }, { columns });
    expect(error.message).toMatch(/turn 2 of messages.*row 1/s);
    expect(error.message).not.toContain("ecret");
  });
});

describe("evidence", () => {
  const sections =
    line({ trial: "T1", section: "Results", lines: ["Outcome:", "12 of 20", "no harm"] }) +
    line({ trial: "T2", section: "Results", lines: ["None"] });
  const claim = (id: string, premise: object[], evidence: unknown, label = "Entailment") =>
    line({ id, statement: `Twelve people of twenty got well (${id}).`, label, premise, evidence });
  const [one, two] = [
    { trial: "T1", section: "Results" },
    { trial: "T2", section: "Results" },
  ];

  it("puts sections in the place of what refers to them, and marks the lines of evidence", async () => {
    const { splits } = await open({
      "train.jsonl": claim("a", [one], [[1]]) + claim("b", [one, two], [[0, 2], [0]], "Contradiction"),
      "sections.jsonl": sections,
    });
    expect(kindsOf(splits["train"])).toEqual({
      premise: "texts",
      evidence: "spans",
      label: "classes",
      statement: "texts",
    });
    const [premises, marks] = [
      await values<string>(splits["train"], "premise"),
      await values<Span[]>(splits["train"], "evidence"),
    ];
    const marked = marks.map((spans, row) => spans!.map(({ start, end }) => premises[row]!.slice(start, end)));
    expect(marked).toEqual([["12 of 20"], ["Outcome:", "no harm", "None"]]);
  });

  it.each([
    [
      "a section that is not there",
      claim("a", [{ trial: "T9", section: "Results" }], [[0]]),
      sections,
      /refers to a trial and section.*row 1/s,
    ],
    ["a line that is not there", claim("a", [one], [[3]]), sections, /names a line.*row 1/s],
    ["a section twice", claim("a", [one], [[0]]), sections + sections, /two records have the same/],
    ["a file that nothing refers to", claim("a", [one], [[0]]), line({ other: 1 }), /no record refers to/],
  ])("refuses %s", async (_, train, side, message) => {
    const error = await refused({ "train.jsonl": train, "sections.jsonl": side });
    expect(error.message).toMatch(message);
  });

  it("names the parts of a text, and refuses labels of another length", async () => {
    const columns = {
      context: { kind: "texts", from: "CONTEXTS" },
      sections: { kind: "spans", from: "LABELS", text: "CONTEXTS", offsets: "parts" },
    } as const;
    const abstract = (LABELS: string[]) => ({
      "train.jsonl": line({ CONTEXTS: ["Why.", "How it was done."], LABELS }),
    });
    const { splits } = await open(abstract(["AIM", "METHODS"]), { columns });
    expect(await values(splits["train"], "sections")).toEqual([
      [
        { start: 0, end: 4, type: "AIM" },
        { start: 5, end: 21, type: "METHODS" },
      ],
    ]);
    expect((await refused(abstract(["AIM"]), { columns })).message).toMatch(/names 1 parts of a text that has 2/);
  });
});

test("parts that are labelled differently are one dataset with a column each; files name one of them", async () => {
  const table = (...rows: string[]) => `label\ttext\n${rows.join("\n")}\n`;
  const files = {
    "criteria.train.tsv": table("Age\tolder than sixty years", "Sex\twomen or men of any age"),
    "criteria.val.tsv": table("Age\tyounger than ten years"),
    "intent.train.tsv": table("1\twhere can I buy this", "0\twhat a fine day it is"),
    "intent.val.tsv": table("0\tI do not know at all"),
  };
  const { splits } = await open(files);
  expect(kindsOf(splits["train"])).toEqual({ criteria: "classes", intent: "classes", text: "texts" });
  expect(await values(splits["validation"], "intent")).toEqual([null, 0]);
  const named = await open(files, { files: ["intent.train.tsv", "intent.val.tsv"] });
  expect(labelsOf(named.splits["train"])).toEqual(["1", "0"]);
});

test("dataset.json declares columns as options do, and what it declares wrongly is refused", async () => {
  const files = (columns: object) => ({
    "train.jsonl": line({ q: "Does it help?", first: "yes", second: "no", right: "no" }),
    "dataset.json": JSON.stringify({ name: "quiz", columns }),
  });
  const { splits } = await open(
    files({
      question: { kind: "texts", from: "q" },
      choices: { kind: "choices", from: ["first", "second"], answer: "right" },
    }),
  );
  expect(await values(splits["train"], "choices")).toEqual([{ options: ["yes", "no"], answer: 1 }]);
  expect((await refused(files({ question: { kind: "smells", from: "q" } }))).code).toBe("bad-configuration");
});
