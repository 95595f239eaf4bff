import { VesaliusError } from "../../common/errors.ts";
import type { Message } from "../../data/index.ts";
import { buildBm25Index, searchBm25 } from "../../tasks/inference/bm25.ts";
import type { SolvedQuestion } from "./prompting.ts";
import { type Question, wordsOf } from "./question.ts";

/** Finds the solved examples that are most like a question. */
export type Neighbours = (question: Question, count: number) => readonly SolvedQuestion[];

/**
 * Indexes solved examples by their words (BM25); a question is no neighbour of itself.
 *
 * @throws VesaliusError `bad-data` where there are none
 */
export function neighboursOf(train: readonly SolvedQuestion[], method: string): Neighbours {
  if (train.length === 0)
    throw new VesaliusError("bad-data", "there are no examples with answers to show", {
      where: `method ${method}`,
      fix: "give training examples (train)",
    });
  const index = buildBm25Index(train.map(({ shown }, row) => ({ id: String(row), text: shown })));
  return (question, count) => {
    const others = (solved: SolvedQuestion): boolean => solved.id !== question.id || solved.shown !== question.shown;
    const found = searchBm25(index, question.shown, count + 1).map(({ id }) => train[Number(id)]!);
    // Where no word is shared, the first examples stand in.
    return [...new Set([...found, ...train.slice(0, count + 1)])].filter(others).slice(0, count);
  };
}

/** Solved examples as turns of a conversation, the most similar one last, next to the question. */
export const turnsOf = (solved: readonly SolvedQuestion[], said: (one: SolvedQuestion) => string): Message[] =>
  solved.toReversed().flatMap((one): Message[] => [
    { role: "user", content: wordsOf(one) },
    { role: "assistant", content: said(one) },
  ]);
