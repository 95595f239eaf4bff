import { expect, it, test } from "vitest";
import type { Span } from "../columns/spans.ts";
import { readExamples } from "../dataset/index.ts";
import { kindsOf, open, refused } from "./readers.test.helper.ts";

const context = "\u{1F9EC} BRCA1 lies on chromosome 17, and BRCA2 on chromosome 13.";
const question = (id: string, answers: object[], more: object = {}) => ({
  id,
  question: `Where is it (${id})?`,
  answers,
  ...more,
});
const file = (title: string, ...qas: object[]) =>
  JSON.stringify({ version: "v2.0", data: [{ title, paragraphs: [{ context, qas }] }] });

it("reads answers as spans of the passage, questions without one, and articles as groups", async () => {
  const { splits, card } = await open({
    "train-v2.0.json": file(
      "BRCA",
      // By characters as Python counts, and by UTF-16 units.
      question("a", [
        { text: "chromosome 17", answer_start: 16 },
        { text: "17", answer_start: 28 },
      ]),
      question("b", [], { is_impossible: true, plausible_answers: [{ text: "BRCA2", answer_start: 36 }] }),
    ),
    "dev-v2.0.json": file("Other", question("c", [{ text: "BRCA1", answer_start: 2 }])),
  });
  const train = splits["train"]!;
  expect(kindsOf(train)).toEqual({ question: "texts", context: "texts", answer: "spans" });
  expect(train.groups).toEqual(["BRCA", "BRCA"]);
  const [a, b] = await readExamples(train, ["answer"], [0, 1]);
  const found = (a!["answer"] as Span[]).map(({ start, end }) => context.slice(start, end));
  expect(found).toEqual(["chromosome 17", "17"]);
  expect(b!["answer"]).toEqual([]);
  expect(card.cautions.join(" ")).toMatch(/1 questions have no answer.*1 plausible answers/s);
});

test.each([
  [
    "an answer that is elsewhere",
    file("x", question("a", [{ text: "chromosome 17", answer_start: 3 }])),
    /does not stand where.*question 1/s,
  ],
  [
    "an answer of what has none",
    file("x", question("a", [{ text: "BRCA1", answer_start: 2 }], { is_impossible: true })),
    /cannot be answered/,
  ],
  ["another shape", '{"data":[{"paragraphs":[{"context":7,"qas":[]}]}]}', /no SQuAD.*data.0.paragraphs.0.context/s],
])("refuses %s", async (_, content, message) => {
  const error = await refused({ "train.json": content });
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain("BRCA1");
});
