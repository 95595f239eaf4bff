import { validate } from "../../../common/check.ts";
import { VesaliusError } from "../../../common/errors.ts";
import { researchUseNotice } from "../../../evaluation/index.ts";
import type { OpenApplication } from "../../application.ts";
import { contentWords } from "../consultation/content-words.ts";
import { textOf } from "../consultation/passage.ts";
import type { PassageIndex } from "../consultation/passage-index.ts";
import { chooseQuotes, type Quote } from "../consultation/quotes.ts";
import { type AnswerFinder, checkedQuestions, findByWords } from "./passage-questions.ts";
import { differencesOf } from "./preserved.ts";
import { readabilityOf } from "./readability.ts";
import { lexicalRewriter, type Rewriter } from "./rewriters.ts";
import { type EducationRequest, educationRequestSchema, type EducationResponse } from "./schemas.ts";
import { type ChoiceAnswerer, shuffledProbabilities } from "./tutor.ts";

/** What education is made of; without anything it makes questions and writes plain words by rules. */
export interface EducationParts {
  /** Answers questions with choices. */
  readonly tutor?: ChoiceAnswerer;
  /** Passages that a rationale is quoted from. */
  readonly index?: PassageIndex;
  /** Finds answers of generated questions again; by words where it is left out. */
  readonly find?: AnswerFinder;
  readonly rewriter?: Rewriter;
  /** How often a question is asked, each time with its choices in another order. */
  readonly orders?: number;
  /** Probability of the chosen answer below which none is given. */
  readonly threshold?: number;
  /** Whether a rewriting that changed numbers, units or negations is declined; otherwise it is given with what changed. */
  readonly strict?: boolean;
  readonly seed?: number;
}

type Part = Omit<EducationResponse, "notice" | "cautions"> & { readonly cautions?: string[] };

/** Passages that name the choice, on the question. */
function rationaleFor(index: PassageIndex, question: string, choice: string): Quote[] {
  const named = contentWords(choice);
  const found = index.search(`${question} ${choice}`, 20).filter(({ passage }) => {
    const words = new Set(contentWords(textOf(passage)));
    return named.length > 0 && named.every((word) => words.has(word));
  });
  return chooseQuotes(index, `${question} ${choice}`, found, { quotes: 2 });
}

async function answered(
  { tutor, index, orders = 1, threshold = 0, seed = 0 }: EducationParts,
  question: string,
  choices: readonly string[],
): Promise<Part> {
  if (tutor === undefined)
    throw new VesaliusError("bad-argument", "there is no model that answers questions with choices", {
      where: "model",
      fix: (option) => `name a model of the task multipleChoice with ${option("model")}`,
    });
  if (new Set(choices.map((choice) => choice.toLowerCase())).size < choices.length)
    throw new VesaliusError("bad-argument", "two choices are the same", { where: "choices", fix: "give each once" });
  const probabilities = await shuffledProbabilities(tutor, question, choices, { orders, seed });
  const choice = probabilities.reduce((best, value, i) => (value > probabilities[best]! ? i : best), 0);
  const [text, probability] = [choices[choice]!, probabilities[choice]!];
  const isSure = probability >= threshold;
  const rationale = isSure && index !== undefined ? rationaleFor(index, question, text) : [];
  return {
    status: isSure ? "answered" : "declined",
    kind: "answer",
    ...(isSure ? {} : { reason: "No choice is probable enough." }),
    answer: { choice, text, probability, probabilities, orders, rationale },
    cautions: [
      ...(index === undefined ? ["There is no index, and so no rationale."] : []),
      ...(index !== undefined && isSure && rationale.length === 0
        ? ["No passage of the index names the chosen answer: nothing there supports it."]
        : []),
    ],
  };
}

async function asked({ find = findByWords }: EducationParts, passage: string, count: number): Promise<Part> {
  const { questions, dropped } = await checkedQuestions(passage, count, find);
  return {
    status: questions.length > 0 ? "answered" : "declined",
    kind: "questions",
    ...(questions.length > 0 ? {} : { reason: "No question of this passage has an answer that is found again." }),
    questions,
    dropped,
  };
}

async function rewritten(parts: EducationParts, text: string): Promise<Part> {
  const { rewriter = lexicalRewriter(), strict = false } = parts;
  const before = readabilityOf(text);
  if (before === undefined)
    throw new VesaliusError("bad-argument", "the text has no words", { where: "text", fix: "give a text" });
  const written = await rewriter.rewrite(text);
  const after = readabilityOf(written.text);
  if (after === undefined)
    return { status: "declined", kind: "plain", reason: "The model wrote nothing, or its text was cut off." };
  const differences = differencesOf(text, written.text);
  const faithful = differences.length === 0;
  const plain = {
    ...written,
    replaced: written.replaced.map(([a, b]): [string, string] => [a, b]),
    faithful,
    differences,
    before,
    after,
  };
  const isDeclined = strict && !faithful;
  return {
    status: isDeclined ? "declined" : "answered",
    kind: "plain",
    ...(isDeclined ? { reason: "The rewriting changed numbers, units or negations." } : {}),
    plain,
    cautions: [
      ...(faithful ? [] : ["The rewriting changed what it must not change: do not use it as it is."]),
      ...(written.text === text ? ["Nothing was found to write in plainer words."] : []),
    ],
  };
}

/**
 * Medical education: answers questions with choices and quotes why, makes questions of a passage whose answers are found
 * again, and writes texts in plain words with readability before and after and what the rewriting changed.
 *
 * @example
 * const { plain } = await educate().respond({ text: "Administer 5 mg orally. Do not discontinue." });
 */
export function educate(parts: EducationParts = {}): OpenApplication<EducationRequest, EducationResponse> {
  const { tutor, rewriter } = parts;
  return {
    async respond(given) {
      const request = validate(educationRequestSchema, given, { code: "bad-argument", what: "request" });
      const { question, choices, passage, text, count } = request;
      const wanted = [question ?? choices, passage, text].filter((one) => one !== undefined).length;
      if (wanted !== 1 || (question === undefined) !== (choices === undefined))
        throw new VesaliusError(
          "bad-argument",
          "the request is not one of a question with choices, a passage, and a text",
          {
            where: "request",
            fix: "give question and choices, or passage, or text",
          },
        );
      const part =
        question !== undefined
          ? await answered(parts, question, choices!)
          : passage !== undefined
            ? await asked(parts, passage, count)
            : await rewritten(parts, text!);
      return { ...part, cautions: part.cautions ?? [], notice: researchUseNotice };
    },
    async release() {
      await tutor?.release();
      await rewriter?.release();
    },
  };
}
