import { expect, test } from "vitest";
import { spansColumn } from "../columns/spans.ts";
import { textsColumn } from "../columns/texts.ts";
import { encodeAll, fitted, numbersOf } from "./encoding.test.helper.ts";

const question = textsColumn(["which drug", "which drug", "which drug", "which drug"]);
const context = textsColumn([
  "it was heparin sodium",
  "it was not said",
  "give aspirin now",
  "one two three four five aspirin",
]);
const answer = spansColumn(
  ["answer"],
  [
    [
      { start: 7, end: 21, type: "answer" },
      { start: 7, end: 14, type: "answer" },
    ],
    [],
    // Ends inside a word: the whole word stands for it.
    [{ start: 5, end: 9, type: "answer" }],
    // Lies behind what is kept of the text.
    [{ start: 24, end: 31, type: "answer" }],
  ],
);

test("answers are first and last tokens of the text, and the token in front of it where there is none", async () => {
  const tokens = { name: "tokens", tokenizer: { name: "words" }, pair: true, maximumLength: 9 };
  const of = await fitted(tokens, question, context);
  const columns = { question, context, answer };
  const part = { columns: Object.keys(columns), encoder: { name: "answerSpan", of } };
  const batch = await encodeAll(part, columns);
  // [CLS] which drug [SEP] it was heparin sodium [SEP]
  expect(numbersOf(batch, "it.start")).toEqual([6, 0, 5, 0]);
  expect(numbersOf(batch, "it.end")).toEqual([7, 0, 5, 0]);
  await expect(
    encodeAll(part, {
      ...columns,
      answer: spansColumn(["answer"], [[{ start: 0, end: 99, type: "answer" }], [], [], []]),
    }),
  ).rejects.toThrow(/ends behind its text/);
});

test("needs a pair with special tokens", async () => {
  const of = await fitted({ name: "tokens", tokenizer: { name: "words" } }, context);
  const part = { columns: ["question", "context", "answer"], encoder: { name: "answerSpan", of } };
  await expect(encodeAll(part, { question, context, answer })).rejects.toThrow(/pair: true/);
});
