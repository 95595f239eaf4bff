import { VesaliusError } from "../../common/errors.ts";
import { normalizeAnswer, wordF1 } from "./normalize.ts";

/** What is a right answer to a question. */
export interface AnswerTruth {
  /** Every wording that is right, at least one; the first is the one that is shown. */
  readonly answers: readonly string[];
  /** Kind of question: "open", "closed". */
  readonly kind?: string | undefined;
}

/** What is answered. */
export interface TextAnswer {
  readonly text: string;
  /** Confidence in it, in [0, 1]. */
  readonly probability?: number | undefined;
}

/** All that is kept of a question. */
export interface AnswerMeasure {
  readonly kind: string | null;
  /** Normalized. */
  readonly truth: string;
  /** Normalized; null where there is no answer. */
  readonly answer: string | null;
  /** 1 where the answer is one of the right ones, normalized. */
  readonly right: number;
  /** F1 of the words shared with the nearest right answer. */
  readonly wordF1: number;
  /** null where no confidence is given. */
  readonly probability: number | null;
}

function requireConfidence(probability: number | undefined): void {
  if (probability === undefined || (probability >= 0 && probability <= 1)) return;
  throw new VesaliusError("bad-data", `${probability} is not a probability`, {
    where: "answer",
    fix: "give the confidence in the answer, from 0 to 1, or none",
  });
}

/**
 * Measures the answer to one question.
 *
 * @throws VesaliusError `bad-data` for a question without a right answer, or a confidence that is none
 */
export function measureAnswer({ answers, kind }: AnswerTruth, answer: TextAnswer | null): AnswerMeasure {
  if (answers.length === 0) {
    throw new VesaliusError("bad-data", "there is no right answer to the question", {
      where: "truth",
      fix: "leave out questions whose answer is not known",
    });
  }
  const rights = answers.map(normalizeAnswer);
  requireConfidence(answer?.probability);
  const said = answer === null ? null : normalizeAnswer(answer.text);
  return {
    kind: kind ?? null,
    truth: rights[0]!,
    answer: said,
    right: said !== null && rights.includes(said) ? 1 : 0,
    wordF1: said === null ? 0 : Math.max(...rights.map((right) => wordF1(said, right))),
    probability: answer?.probability ?? null,
  };
}
