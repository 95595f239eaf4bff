import { contentWords } from "../consultation/content-words.ts";
import { sentencesOf } from "../consultation/passage.ts";
import { quantitiesOf } from "../statements/quantities.ts";

/** A question about a passage, with where its answer stands. */
export interface PassageQuestion {
  readonly question: string;
  /** Exactly the characters from `start` to `end` of the passage. */
  readonly answer: string;
  readonly start: number;
  readonly end: number;
}

/** Finds the answer to a question in a passage; undefined where it finds none. */
export type AnswerFinder = (question: string, passage: string) => Promise<string | undefined>;

const gap = "_____";
const pronoun =
  /^(?:it|this|that|these|those|they|he|she|we|you|i|there|its|their|his|her|such|some|many|most|other)\b/i;

const patterns: readonly { readonly pattern: RegExp; readonly ask: (subject: string) => string }[] = [
  {
    pattern: /^((?:an? |the )?[\p{L}][\p{L}\p{N} '-]{1,50}?) (?:is|are) caused by ([^.;:()]{3,80}?)(?=[.;,]|$)/iu,
    ask: (it) => `What causes ${it}?`,
  },
  {
    pattern:
      /^((?:an? |the )?[\p{L}][\p{L}\p{N} '-]{1,50}?) (?:is|are) (?:treated|treatable) with ([^.;:()]{3,80}?)(?=[.;,]|$)/iu,
    ask: (it) => `What treats ${it}?`,
  },
  {
    pattern: /^((?:an? |the )?[\p{L}][\p{L}\p{N} '-]{1,50}?) (?:is|are) ((?:an?|the|any) [^.;:()]{8,120}?)(?=[.;]|$)/iu,
    ask: (it) => `What is ${it}?`,
  },
  {
    pattern: /^(?:the )?symptoms of ([\p{L}][\p{L}\p{N} '-]{1,50}?) (?:are|include) ([^.;:()]{3,120}?)(?=[.;]|$)/iu,
    ask: (it) => `What are the symptoms of ${it}?`,
  },
];

const lowered = (subject: string): string =>
  /^\p{Lu}\p{Ll}+(?: |$)/u.test(subject) ? `${subject[0]!.toLowerCase()}${subject.slice(1)}` : subject;

/** Questions by the form of a sentence: what something is, what causes it, what treats it. */
function formed(sentence: string, at: number): PassageQuestion[] {
  for (const { pattern, ask } of patterns) {
    const found = pattern.exec(sentence);
    if (found === null || pronoun.test(found[1]!)) continue;
    const [whole, subject, answer] = found as unknown as [string, string, string];
    const start = at + found.index + whole.length - answer.length;
    return [{ question: ask(lowered(subject)), answer, start, end: start + answer.length }];
  }
  return [];
}

/** A sentence with its rarest word or a number with its unit left out. */
function cloze(sentence: string, at: number, counts: ReadonlyMap<string, number>): PassageQuestion[] {
  const words = Array.from(sentence.matchAll(/\p{L}[\p{L}\p{M}-]{4,}/gu))
    .map(({ 0: word, index }) => ({ word, index, content: contentWords(word) }))
    .filter(({ content, index }) => content.length === 1 && index > 0)
    .sort((a, b) => counts.get(a.content[0]!)! - counts.get(b.content[0]!)! || b.word.length - a.word.length);
  const numbers = quantitiesOf(sentence)
    .filter(({ text }) => /^\p{N}/u.test(text))
    .map(({ text, start }) => ({ word: text, index: start }));
  return [...numbers.slice(0, 1), ...words.slice(0, 1)].map(({ word, index }) => ({
    question: `${sentence.slice(0, index)}${gap}${sentence.slice(index + word.length)}`,
    answer: word,
    start: at + index,
    end: at + index + word.length,
  }));
}

/**
 * Questions about a passage, unchecked: by the form of its sentences first, then with words and numbers left out.
 * Sentences that point back to others ("It is ...") are asked nothing of.
 */
export function possibleQuestions(passage: string): PassageQuestion[] {
  const sentences = sentencesOf(passage).filter(
    ({ text }) => !pronoun.test(text) && contentWords(text).length >= 4 && text.length <= 400,
  );
  const counts = new Map<string, number>();
  for (const { text } of sentencesOf(passage))
    for (const word of contentWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [
    ...sentences.flatMap(({ text, start }) => formed(text, start)),
    ...sentences.flatMap(({ text, start }) => cloze(text, start, counts)),
  ];
}

const words = (text: string): string[] => text.match(/[\p{L}\p{M}\p{N}]+/gu)?.map((word) => word.toLowerCase()) ?? [];

/**
 * Finds an answer by words alone: the gap of a sentence that stands in the passage but for it, where only one such word does;
 * else what the one sentence with most of the question's words says behind the last of them. Undefined where two sentences
 * do as well, so that what could be answered twice is not asked.
 */
export const findByWords: AnswerFinder = (question, passage) => {
  const [before, after] = question.split(gap);
  if (after !== undefined) {
    const found = new Set<string>();
    for (let at = passage.indexOf(before!); at >= 0; at = passage.indexOf(before!, at + 1)) {
      const start = at + before!.length;
      const end = passage.indexOf(after, start);
      if (end > start && end - start <= 60) found.add(passage.slice(start, end));
    }
    // A gap whose word the rest of the question says is no question.
    const [answer] = found;
    const said = new Set(words(`${before} ${after}`));
    return Promise.resolve(found.size === 1 && words(answer!).some((word) => !said.has(word)) ? answer : undefined);
  }
  const asked = contentWords(question).filter((word) => !/^(?:cause|treat|symptom)$/.test(word));
  const scored = sentencesOf(passage)
    .map((sentence) => ({ sentence, score: asked.filter((word) => contentWords(sentence.text).includes(word)).length }))
    .filter(({ sentence }) => {
      const cue = /^What (causes|treats|are the symptoms)/.exec(question)?.[1];
      const form =
        { causes: /caused by/i, treats: /treat/i, "are the symptoms": /symptoms/i }[cue ?? ""] ?? /\b(?:is|are)\b/i;
      return form.test(sentence.text);
    })
    .sort((a, b) => b.score - a.score);
  const [best, second] = scored;
  if (best === undefined || best.score < asked.length || best.score === second?.score)
    return Promise.resolve(undefined);
  const behind = /\b(?:is|are|include)\b(?:\s+(?:caused by|treat\w+ with))?\s+(.*)$/i.exec(best.sentence.text)?.[1];
  return Promise.resolve(behind?.replace(/[.;].*$/, ""));
};

/** Overlap of two answers in words, from 0 to 1 (F1, Rajpurkar et al. 2016). */
export function answerOverlap(one: string, other: string): number {
  const [a, b] = [words(one), words(other)];
  const rest = [...b];
  const same = a.filter((word) => {
    const at = rest.indexOf(word);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  }).length;
  return same === 0 ? 0 : (2 * same) / (a.length + b.length);
}

/** Questions of a passage whose answer is found again, and how many were not. */
export async function checkedQuestions(
  passage: string,
  count: number,
  find: AnswerFinder = findByWords,
): Promise<{ readonly questions: PassageQuestion[]; readonly dropped: number }> {
  const questions: PassageQuestion[] = [];
  let dropped = 0;
  for (const one of possibleQuestions(passage)) {
    if (questions.length === count) break;
    // One question for each place.
    if (questions.some(({ start, end }) => one.start < end && start < one.end)) continue;
    const found = await find(one.question, passage);
    if (found !== undefined && answerOverlap(found, one.answer) >= 0.8) questions.push(one);
    else dropped++;
  }
  return { questions: questions.sort((a, b) => a.start - b.start), dropped };
}
