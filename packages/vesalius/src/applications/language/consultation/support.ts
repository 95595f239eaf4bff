import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { contentWords, searchWords, topicWeight } from "./content-words.ts";
import { textOf } from "./passage.ts";
import type { FoundPassage, PassageIndex } from "./passage-index.ts";

/** How well passages support an answer to a question: five numbers between 0 and about 1. */
export interface SupportFeatures {
  /** Share of what the question's words say that stands in title or text of the passage. */
  readonly covered: number;
  /** Share of what the question's words say that stands in the title. */
  readonly coveredByTitle: number;
  /** Share of what the title's words say that stands in the question: low where the title is about something else. */
  readonly titleAsked: number;
  /** How much the rarest word of the question says that the passage lacks, in eighths of a unit of rarity. */
  readonly missing: number;
  /** BM25 score in shares of what the question's words say. */
  readonly score: number;
}

const names = [
  "covered",
  "coveredByTitle",
  "titleAsked",
  "missing",
  "score",
] as const satisfies readonly (keyof SupportFeatures)[];

/** A logistic regression on {@link SupportFeatures}, and the probability below which a question is declined. */
export const supportModelSchema = z.strictObject({
  intercept: z.number(),
  weights: z.strictObject({
    covered: z.number(),
    coveredByTitle: z.number(),
    titleAsked: z.number(),
    missing: z.number(),
    score: z.number(),
  }),
  threshold: z.number().min(0).max(1),
  /** Questions that it was fitted on; each once with and once without what answers it. */
  questions: z.int().nonnegative(),
});

/** See {@link supportModelSchema}. */
export type SupportModel = z.output<typeof supportModelSchema>;

/**
 * Fitted on 1,001 training questions of MedQuAD (consumer health, English); for passages of another kind `fitSupport` makes
 * one of their own questions.
 */
export const defaultSupport: SupportModel = {
  intercept: -7.495,
  weights: { covered: -5.957, coveredByTitle: 6.471, titleAsked: 6.742, missing: -2.288, score: 1.587 },
  threshold: 0.648,
  questions: 1001,
};

/** Passages that are looked at for support. */
const lookedAt = 10;

/**
 * Features of a question with each of the passages that were found.
 *
 * @returns `[found]`; undefined where the question has no word that says what it is about
 */
export function supportFeatures(
  index: PassageIndex,
  question: string,
  found: readonly FoundPassage[],
): readonly SupportFeatures[] | undefined {
  const asked = contentWords(question);
  // Aspects are in every document of a large index and in few of a small one: they weigh little in both.
  const weigh = (word: string): number => index.rarity(word) * topicWeight(word);
  const says = (words: Iterable<string>, of: (word: string) => boolean = () => true): number => {
    let sum = 0;
    for (const word of words) if (of(word)) sum += weigh(word);
    return sum;
  };
  const all = says(asked);
  if (all === 0) return undefined;
  return found.map(({ passage, score }) => {
    const title = new Set(contentWords(passage.document.title ?? ""));
    const text = new Set([...searchWords(textOf(passage)), ...title]);
    const ofTitle = says(title);
    return {
      covered: says(asked, (word) => text.has(word)) / all,
      coveredByTitle: says(asked, (word) => title.has(word)) / all,
      titleAsked: ofTitle === 0 ? 0 : says(title, (word) => asked.includes(word)) / ofTitle,
      missing: Math.max(0, ...asked.filter((word) => !text.has(word)).map(weigh)) / 8,
      score: score / all,
    };
  });
}

/** Of the first passages, the features of the one that supports the question most. */
const mostSupporting = (features: readonly SupportFeatures[] | undefined): SupportFeatures | undefined =>
  features
    ?.slice(0, lookedAt)
    .reduce<SupportFeatures | undefined>(
      (best, one) => (best === undefined || one.covered + one.titleAsked > best.covered + best.titleAsked ? one : best),
      undefined,
    );

/** Probability that a passage supports an answer. */
const probabilityOf = ({ intercept, weights }: SupportModel, features: SupportFeatures): number =>
  1 / (1 + Math.exp(-names.reduce((total, name) => total + weights[name] * features[name], intercept)));

/** Probability that passages support an answer to a question, and that of each alone. */
export function supportOf(
  model: SupportModel,
  index: PassageIndex,
  question: string,
  found: readonly FoundPassage[],
): { readonly probability: number; readonly each: readonly number[] } {
  const features = supportFeatures(index, question, found);
  const best = mostSupporting(features);
  if (features === undefined || best === undefined) return { probability: 0, each: found.map(() => 0) };
  return { probability: probabilityOf(model, best), each: features.map((one) => probabilityOf(model, one)) };
}

/** A question with the documents that answer it. */
export interface AnsweredQuestion {
  readonly text: string;
  readonly documents: readonly string[];
}

/** Settings of the fit. */
export interface SupportFit {
  /** Share of questions without support that are to be declined, on the questions of the fit. */
  readonly declined?: number;
  /** Documents beside those that answer a question which are taken away with them; those with the same title by default. */
  readonly sameTopic?: (document: string) => readonly string[];
}

const STEPS = 4000;
const RATE = 2;
const DECAY = 1e-4;

/**
 * Fits the probability of support on questions whose documents are known: each is asked once as the index is, and once as
 * if what answers it were not there. Full-batch gradient descent from zero, so the same questions give the same model.
 *
 * @throws VesaliusError `bad-data` for fewer than 20 questions that find anything
 */
export function fitSupport(
  index: PassageIndex,
  questions: readonly AnsweredQuestion[],
  { declined = 0.93, sameTopic = byTitle(index) }: SupportFit = {},
): SupportModel {
  const rows: { readonly values: readonly number[]; readonly supported: 0 | 1 }[] = [];
  const valuesOf = (text: string, without?: ReadonlySet<string>): readonly number[] => {
    const features = mostSupporting(supportFeatures(index, text, index.search(text, lookedAt, without)));
    return [1, ...names.map((name) => features?.[name] ?? 0)];
  };
  const known = questions.filter(({ documents }) => documents.length > 0);
  for (const { text, documents } of known) {
    rows.push({ values: valuesOf(text), supported: 1 });
    const without = new Set(documents.flatMap((id) => [id, ...sameTopic(id)]));
    rows.push({ values: valuesOf(text, without), supported: 0 });
  }
  if (known.length < 20)
    throw new VesaliusError("bad-data", `${known.length} questions are too few to fit when to decline`, {
      where: "questions",
      fix: "give at least 20 questions with the documents that answer them, or leave them out",
    });
  let weights = Array<number>(names.length + 1).fill(0);
  const probability = (values: readonly number[]): number =>
    1 / (1 + Math.exp(-values.reduce((sum, value, i) => sum + value * weights[i]!, 0)));
  for (let step = 0; step < STEPS; step++) {
    const gradient = Array<number>(weights.length).fill(0);
    for (const { values, supported } of rows) {
      const error = probability(values) - supported;
      for (const [i, value] of values.entries()) gradient[i]! += error * value;
    }
    weights = weights.map((weight, i) => weight - RATE * (gradient[i]! / rows.length + DECAY * weight));
  }
  const without = rows.flatMap(({ values, supported }) => (supported === 1 ? [] : [probability(values)]));
  without.sort((a, b) => a - b);
  const threshold = without[Math.min(without.length - 1, Math.floor(without.length * declined))]!;
  const [intercept, ...rest] = weights as [number, ...number[]];
  return {
    intercept,
    weights: Object.fromEntries(names.map((name, i) => [name, rest[i]!])) as SupportModel["weights"],
    threshold,
    questions: known.length,
  };
}

/** Documents of an index with the title of another. */
function byTitle(index: PassageIndex): (document: string) => readonly string[] {
  const titles = new Map(index.documents.map(({ id, title }) => [id, title]));
  const documents = new Map<string, string[]>();
  for (const { id, title } of index.documents)
    if (title !== undefined) documents.set(title, [...(documents.get(title) ?? []), id]);
  return (id) => {
    const title = titles.get(id);
    return title === undefined ? [] : (documents.get(title) ?? []);
  };
}
