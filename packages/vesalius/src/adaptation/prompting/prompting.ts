import type { ChatModel } from "../../generation/index.ts";
import type { Spoken } from "../../tasks/index.ts";
import type { Asking, Question } from "./question.ts";

/** What a way of prompting works with. */
export interface PromptingSession {
  readonly model: ChatModel;
  readonly spoken: Spoken;
  readonly asking: Asking;
  /** Examples whose answers are known. */
  readonly train: readonly SolvedQuestion[];
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** An example with its right answer in words. */
export interface SolvedQuestion extends Question {
  readonly said: string;
}

/** An answer, or why there is none. */
export interface Reply {
  readonly answer: unknown;
  readonly declined?: string;
}

/** One way to put questions to a language model. */
export interface Prompting {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Columns that it reads beside those that are shown. */
  readonly columns?: readonly string[];
  /**
   * Prepares what all questions share (an index of examples, a prior), and gives what answers each.
   *
   * @throws VesaliusError `bad-configuration` for a task or model that it does not fit, `bad-data` where it needs solved
   * examples and there are none
   */
  open(session: PromptingSession): Promise<(question: Question) => Promise<Reply>>;
}

/** What was said, heard as an answer; said to be unreadable where it is none. */
export function replyOf(answer: unknown): Reply {
  return answer === null || answer === undefined
    ? { answer: null, declined: "the model's words give no answer to the question" }
    : { answer };
}
