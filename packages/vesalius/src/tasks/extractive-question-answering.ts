import { z } from "zod";
import { validate } from "../common/check.ts";
import { formatCsv } from "../common/csv.ts";
import { VesaliusError } from "../common/errors.ts";
import type { PreparedTokens, Span, Split } from "../data/index.ts";
import { type AnswerMeasure, answersEvaluation, type AnswerTruth, type TextAnswer } from "../evaluation/index.ts";
import { add, crossEntropy, logSoftmax, multiply, select, subtract, unsqueeze } from "../graph/index.ts";
import { type Backbone, linearLayer } from "../models/index.ts";
import { presentRows, requireColumn } from "./columns.ts";
import { bestSpan } from "./decoding/best-span.ts";
import { onePass } from "./inference/one-pass.ts";
import { requirePair } from "./pairs/text-pairs.ts";
import { encoderOf, roleParts } from "./roles.ts";
import { type Result, type Task, taskEntry, type WindowResult } from "./task.ts";

/** Settings of extractive question answering. */
export const extractiveQuestionAnsweringSchema = z.strictObject({
  /** Role that reads question and text as a pair. */
  role: z.string().default("text"),
  question: z.string().default("question"),
  /** Column of the texts that answers are pieces of. */
  context: z.string().default("context"),
  /** Column of the spans that mark the answers in the texts; several are alternatives, none says that there is no answer. */
  column: z.string().default("answer"),
  /** Most tokens of an answer. */
  longestAnswer: z.int().positive().default(30),
  /** Whether a question may have no answer; as in the training data where it is left out. */
  unanswerable: z.boolean().optional(),
  /** By how much "no answer" must be more probable than the best answer, as a difference of logarithms. */
  threshold: z.number().default(0),
});

/** Settings of extractive question answering, defaults left out at will. */
export type ExtractiveQuestionAnsweringOptions = z.input<typeof extractiveQuestionAnsweringSchema>;

/** A piece of a text that answers a question. */
export interface ExtractedAnswer extends TextAnswer {
  /** Empty where the text holds no answer. */
  readonly text: string;
  /** Where it stands in the text, in UTF-16 units; undefined without an answer. */
  readonly place: { readonly start: number; readonly end: number } | undefined;
  readonly probability: number;
}

type Settings = z.output<typeof extractiveQuestionAnsweringSchema> & { readonly unanswerable: boolean };

/** Far below any score, so that its exponential vanishes beside them. */
const excluded = -1e4;

/** Kinds of questions that are evaluated by themselves where there are both. */
const kinds = ["answerable", "unanswerable"] as const;

function check(split: Split, { question, context, column }: Settings, use: "training" | "evaluation" | "prediction") {
  for (const name of [question, context]) requireColumn(split, name, "texts");
  if (use === "prediction") return;
  const answers = requireColumn(split, column, "spans");
  const where = `split ${split.name}, column ${column}`;
  const known = presentRows(answers);
  if (use === "training" && known.length < split.length)
    throw new VesaliusError("bad-data", `of ${split.length - known.length} questions nobody says what answers them`, {
      where,
      fix: "mark the answers, with an empty list where there is none, or leave the questions out",
    });
  if (answers.typeOf.length === 0)
    throw new VesaliusError("bad-data", "no question has an answer", { where, fix: "use data with answers" });
}

/** What one window says. */
interface WindowAnswer {
  readonly text: string;
  readonly start: number;
  readonly score: number;
  readonly none: number;
}

function decodeWindow(
  { place, outputs }: WindowResult,
  question: string,
  context: string,
  backbone: Backbone,
  { role, longestAnswer }: Settings,
): WindowAnswer | undefined {
  const [from, to] = place === undefined ? [0, context.length] : [place.start, place.end];
  const window = context.slice(from, to);
  const [read] = encoderOf(backbone, role).prepare!([question, window]) as [PreparedTokens];
  const { data, shape } = outputs["scores"]!;
  const scores = data as Float32Array;
  const of = (which: number) => Float32Array.from({ length: shape[0]! }, (_, token) => scores[2 * token + which]!);
  const [starts, ends] = [of(0), of(1)];
  const best = bestSpan(starts, ends, (token) => read.sequenceIds[token] === 1, longestAnswer);
  if (best === undefined) return undefined;
  const [start, end] = [read.offsets[2 * best.start]!, read.offsets[2 * best.end + 1]!];
  return { text: window.slice(start, end), start: from + start, score: best.score, none: starts[0]! + ends[0]! };
}

/** The best answer of all windows; that there is none only where every window says so. */
function decode(result: Result, backbone: Backbone, settings: Settings): ExtractedAnswer {
  const { example, outputs } = result;
  const [question, context] = [example[settings.question] as string, example[settings.context] as string];
  const windows = result.windows ?? [{ place: undefined, outputs }];
  const found = windows.flatMap((window) => decodeWindow(window, question, context, backbone, settings) ?? []);
  const best = found.toSorted((a, b) => b.score - a.score)[0];
  const none = Math.min(...found.map((one) => one.none));
  if (best === undefined || (settings.unanswerable && none - best.score > settings.threshold))
    return { text: "", place: undefined, probability: best === undefined ? 1 : Math.min(1, Math.exp(none)) };
  const { text, start, score } = best;
  return { text, place: { start, end: start + text.length }, probability: Math.min(1, Math.exp(score)) };
}

/**
 * Extractive question answering (Rajpurkar et al. 2016, 2018): the piece of a text that answers a question, by the most
 * probable first and last token; the token in front of both texts stands for "no answer" (Devlin et al. 2019). Texts that
 * are longer than the network reads are answered from windows (`inference: { name: textWindows, column: context, ... }`).
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 */
export function extractiveQuestionAnswering(
  options: ExtractiveQuestionAnsweringOptions = {},
): Task<AnswerTruth, ExtractedAnswer, AnswerMeasure> {
  const parsed = validate(extractiveQuestionAnsweringSchema, options, {
    code: "bad-configuration",
    what: "extractive question answering",
  });
  const settings: Settings = { ...parsed, unanswerable: parsed.unanswerable ?? false };
  const { role, question, context, column, unanswerable } = settings;
  return {
    name: "extractiveQuestionAnswering",
    settings,
    columns: [question, context, column],
    inference: onePass,
    evaluation: answersEvaluation(unanswerable ? { kinds } : {}),
    check: (split, use) => check(split, settings, use),
    feeds(backbone) {
      const parts = roleParts(backbone);
      const { encoder } = requirePair(parts, role, [question, context]);
      const target = { name: "answerSpan", of: encoder };
      return { parts: { ...parts, target: { columns: [question, context, column], encoder: target, target: true } } };
    },
    head({ places, mask }, { backbone }) {
      if (places === undefined)
        throw new VesaliusError("bad-configuration", `${backbone.network.name} gives no vectors of single tokens`, {
          fix: "choose a network that does, such as bert",
        });
      // The name of transformers' models for question answering.
      const logits = linearLayer(places, "qa_outputs", 2);
      if (mask === undefined) return { logits };
      return { logits: add(logits, multiply(unsqueeze(subtract(mask.graph.scalar(1), mask), [2]), excluded)) };
    },
    loss({ logits }, { inputs }) {
      const { start, end } = inputs["target"]!;
      const [ofStart, ofEnd] = [select(logits!, 2, 0), select(logits!, 2, 1)];
      return { loss: multiply(add(crossEntropy(ofStart, start!), crossEntropy(ofEnd, end!)), 0.5) };
    },
    answers: ({ logits }) => ({ scores: logSoftmax(logits!, 1) }),
    decode: (result, { backbone }) => decode(result, backbone, settings),
    truth(example) {
      const spans = example[column] as readonly Span[] | null;
      if (spans === null || (spans.length === 0 && !unanswerable)) return null;
      const text = example[context] as string;
      const answers = spans.map(({ start, end }) => text.slice(start, end));
      if (!unanswerable) return { answers };
      return answers.length === 0 ? { answers: [""], kind: "unanswerable" } : { answers, kind: "answerable" };
    },
    toJson: ({ text, place, probability }) => ({ answer: place === undefined ? null : text, ...place, probability }),
    async *files(answers) {
      const rows: (string | number)[][] = [["id", "answer", "start", "end", "probability"]];
      for await (const { id, answer } of answers)
        rows.push([
          id,
          answer?.text ?? "",
          answer?.place?.start ?? "",
          answer?.place?.end ?? "",
          answer?.probability ?? "",
        ]);
      yield { name: "predictions.csv", content: formatCsv(rows) };
    },
  };
}

/** Extractive question answering in the catalogue of tasks. */
export const extractiveQuestionAnsweringEntry = taskEntry({
  name: "extractiveQuestionAnswering",
  summary: "The piece of a text that answers a question, or that there is none.",
  settings: extractiveQuestionAnsweringSchema,
  suggest(train) {
    const { question, context, answer } = train.columns;
    if (question?.kind !== "texts" || context?.kind !== "texts" || answer?.kind !== "spans") return undefined;
    return {
      settings: {},
      columns: ["answer"],
      together: { columns: ["question", "context"], encoder: { pair: true } },
      reason: "the column answer marks pieces of the context that answer the question",
      particularity: 3,
    };
  },
  create: (settings) => extractiveQuestionAnswering(settings) as unknown as Task,
  fit(settings, _dataset, train) {
    const { offsets } = requireColumn(train, settings.column, "spans");
    const none = Array.from({ length: train.length }, (_, row) => offsets[row + 1] === offsets[row]).includes(true);
    return { ...settings, unanswerable: settings.unanswerable ?? none };
  },
});
