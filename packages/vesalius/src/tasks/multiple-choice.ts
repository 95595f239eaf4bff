import { z } from "zod";
import { validate } from "../common/check.ts";
import { formatCsv } from "../common/csv.ts";
import { VesaliusError } from "../common/errors.ts";
import type { Choices, Example, Split } from "../data/index.ts";
import { type AnswerMeasure, answersEvaluation, type AnswerTruth, type TextAnswer } from "../evaluation/index.ts";
import { add, crossEntropy, multiply, reshape, softmax, subtract } from "../graph/index.ts";
import { linearLayer } from "../models/index.ts";
import { presentRows, requireColumn } from "./columns.ts";
import { onePass } from "./inference/one-pass.ts";
import { roleParts } from "./roles.ts";
import { spokenOptions } from "./spoken/classes.ts";
import { type Task, taskEntry } from "./task.ts";

/** Settings of multiple choice. */
export const multipleChoiceSchema = z.strictObject({
  /** Role that reads a question with one of its options. */
  role: z.string().default("text"),
  /** Columns in front of an option, read as one text: question, passage. */
  question: z.array(z.string()).min(1).default(["question"]),
  /** Column of the options. */
  column: z.string().default("choices"),
  /** Options of an example, at most; those of the training data where they are left out. */
  options: z.int().min(2).optional(),
});

/** Settings of multiple choice, defaults left out at will. */
export type MultipleChoiceOptions = z.input<typeof multipleChoiceSchema>;

/** An option with how probable each of them is. */
export interface ChosenOption extends TextAnswer {
  /** Position of the option. */
  readonly option: number;
  /** `[options]`, those that the example has. */
  readonly probabilities: Float32Array;
  readonly probability: number;
}

/** The right option. */
export interface ChoiceTruth extends AnswerTruth {
  /** How many options there are. */
  readonly options: number;
}

/** All that is kept of a question. */
export interface ChoiceMeasure extends AnswerMeasure {
  readonly options: number;
}

/** Far below any score, so that its exponential vanishes beside them. */
const excluded = -1e4;

function check(split: Split, name: string, question: readonly string[], most: number, use: string): void {
  for (const column of question) requireColumn(split, column, "texts");
  const column = requireColumn(split, name, "choices");
  const where = `split ${split.name}, column ${name}`;
  const wide = Array.from({ length: split.length }, (_, row) => column.offsets[row + 1]! - column.offsets[row]!);
  const widest = wide.reduce((a, b) => Math.max(a, b), 0);
  if (widest > most)
    throw new VesaliusError("bad-data", `a question has ${widest} options, the model knows ${most}`, {
      where,
      fix: "train with as many (options), or leave these questions out",
    });
  if (use === "prediction") return;
  const answered = presentRows(column).filter((row) => column.answers[row]! >= 0).length;
  if (use === "training" && answered < split.length)
    throw new VesaliusError("bad-data", `${split.length - answered} training questions have no right option`, {
      where,
      fix: "state it, or leave them out",
    });
  if (answered === 0)
    throw new VesaliusError("bad-data", "no question has a right option", { where, fix: "use data with answers" });
}

/** Answers in words, beside what choosing at random scores. */
function choiceEvaluation() {
  const evaluation = answersEvaluation();
  return {
    ...evaluation,
    measure: (truth: ChoiceTruth, answer: ChosenOption | null): ChoiceMeasure => ({
      ...evaluation.measure(truth, answer),
      options: truth.options,
    }),
    floors: (measures: readonly ChoiceMeasure[]) => ({
      accuracy: measures.reduce((sum, { options }) => sum + 1 / options, 0) / measures.length,
    }),
  };
}

/**
 * Multiple choice: the question is read with each option, one number is made of each reading, and the softmax over the
 * options says which is right (Radford et al. 2018, section 3.3; transformers' models for multiple choice, whose
 * `classifier` the head is). Options that an example does not have get no probability.
 *
 * @throws VesaliusError `bad-configuration` without the number of options; see `fitTask`
 */
export function multipleChoice(options: MultipleChoiceOptions = {}): Task<ChoiceTruth, ChosenOption, ChoiceMeasure> {
  const settings = validate(multipleChoiceSchema, options, { code: "bad-configuration", what: "multiple choice" });
  const { role, question, column, options: most } = settings;
  if (most === undefined)
    throw new VesaliusError("bad-configuration", "multiple choice needs to know how many options there are", {
      where: "task.options",
      fix: "give the number, or take it from the training data (fitTask)",
    });
  return {
    name: "multipleChoice",
    settings,
    columns: [column],
    inference: onePass,
    evaluation: choiceEvaluation(),
    check: (split, use) => check(split, column, question, most, use),
    feeds(backbone) {
      const { [role]: part, ...others } = roleParts(backbone);
      if (part === undefined || part.encoder.name !== "tokens" || Object.keys(others).length > 0)
        throw new VesaliusError("bad-configuration", `${backbone.network.name} does not read a question by itself`, {
          where: "backbone",
          fix: "choose a network that reads one text, such as bert",
        });
      return {
        parts: {
          [role]: {
            columns: [...question, column],
            encoder: { name: "tokenChoices", of: part.encoder, options: most },
          },
          target: { columns: [column], encoder: { name: "rightChoice" }, target: true },
        },
      };
    },
    head({ pooled }, { inputs, rows }) {
      const { present } = inputs[role]!;
      const scores = reshape(linearLayer(pooled, "classifier", 1), [rows, most]);
      const absent = subtract(pooled.graph.scalar(1), present!);
      return { logits: add(scores, multiply(absent, excluded)) };
    },
    loss: ({ logits }, { inputs }) => ({ loss: crossEntropy(logits!, inputs["target"]!["choice"]!) }),
    answers: ({ logits }) => ({ probabilities: softmax(logits!) }),
    decode({ example, outputs }) {
      const { options: texts } = example[column] as Choices;
      const probabilities = (outputs["probabilities"]!.data as Float32Array).slice(0, texts.length);
      const option = probabilities.reduce((best, value, i) => (value > probabilities[best]! ? i : best), 0);
      return { option, text: texts[option]!, probability: Math.min(1, probabilities[option]!), probabilities };
    },
    spoken: spokenOptions(column, (probabilities, example) => {
      const { options: texts } = example[column] as Choices;
      const option = probabilities.reduce((best, value, i) => (value > probabilities[best]! ? i : best), 0);
      return { option, text: texts[option]!, probability: Math.min(1, probabilities[option]!), probabilities };
    }),
    truth(example: Example) {
      const choices = example[column] as Choices | null;
      if (choices === null || choices.answer === null) return null;
      return { answers: [choices.options[choices.answer]!], options: choices.options.length };
    },
    toJson: ({ option, text, probabilities }) => ({ option, text, probabilities: Array.from(probabilities) }),
    async *files(answers) {
      const rows: (string | number)[][] = [
        ["id", "option", ...Array.from({ length: most }, (_, i) => `probability ${i}`)],
      ];
      for await (const { id, answer } of answers)
        rows.push([
          id,
          answer?.option ?? "",
          ...Array.from({ length: most }, (_, i) => answer?.probabilities[i] ?? ""),
        ]);
      yield { name: "predictions.csv", content: formatCsv(rows) };
    },
  };
}

/** Multiple choice in the catalogue of tasks. */
export const multipleChoiceEntry = taskEntry({
  name: "multipleChoice",
  summary: "The right one of a question's options.",
  settings: multipleChoiceSchema,
  suggest(train) {
    const [column] = Object.keys(train.columns).filter((name) => train.columns[name]!.kind === "choices");
    const texts = Object.keys(train.columns).filter((name) => train.columns[name]!.kind === "texts");
    const question = texts.includes("question") ? "question" : texts[0];
    if (column === undefined || question === undefined) return undefined;
    return {
      settings: { column, question: [question] },
      // A text that explains the answer is none of the question.
      columns: [column, ...texts.filter((name) => name !== question)],
      // The tokenizer learns the words of both.
      together: { columns: [question, column], encoder: { pair: true } },
      reason: `the column ${column} holds the options of a question`,
      particularity: 3,
    };
  },
  create: (settings) => multipleChoice(settings) as unknown as Task,
  fit(settings, _dataset, train) {
    const { offsets } = requireColumn(train, settings.column, "choices");
    const counts = Array.from({ length: train.length }, (_, row) => offsets[row + 1]! - offsets[row]!);
    return { ...settings, options: settings.options ?? Math.max(2, ...counts) };
  },
});
