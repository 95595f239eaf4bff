import type { Message } from "../../data/index.ts";

/** How an answer is written. */
export interface CompletionOptions {
  /** Most tokens of the answer. */
  readonly maximumTokens?: number;
  /** 0, the default, takes the most likely token at each step; above 0 tokens are drawn. */
  readonly temperature?: number;
  /** Drawn only among the fewest most likely tokens that have this probability together. */
  readonly topP?: number;
  /** Texts that end the answer; they are left out of it. */
  readonly stop?: readonly string[];
  /** Names the random numbers; a service may not heed it. */
  readonly seed?: number;
  /** Whether the tokens with their log-probabilities are wanted. */
  readonly logProbabilities?: boolean;
  readonly signal?: AbortSignal;
}

/** A token of an answer. */
export interface CompletionToken {
  readonly text: string;
  /** Natural logarithm of the probability that the model gave it. */
  readonly logProbability: number;
}

/** An answer. */
export interface Completion {
  readonly text: string;
  /** Why it ended: the model ended it, or there was no more room. */
  readonly finish: "end" | "length";
  /** Where they were asked for and the model tells them. */
  readonly tokens?: readonly CompletionToken[];
  /** Tokens that were read and written; null where a service does not say. */
  readonly usage: { readonly promptTokens: number | null; readonly completionTokens: number | null };
}

/** How likely an answer is. */
export interface Likelihood {
  /** Sum over its tokens of the natural logarithm of their probabilities. */
  readonly logProbability: number;
  readonly tokens: number;
}

/**
 * A language model that is spoken to: one of ours, a GGUF file, or a service that the user names. Templates, chains and
 * agents know nothing else of it.
 */
export interface ChatModel {
  /** For records and reports: no address and no key. */
  readonly name: string;
  /** @throws VesaliusError `bad-data` for a conversation that does not fit, `service-failure` where a service does not answer */
  complete(messages: readonly Message[], options?: CompletionOptions): Promise<Completion>;
  /** How likely each of some answers is; left out by models that do not tell. */
  likelihoods?(
    messages: readonly Message[],
    answers: readonly string[],
    options?: Pick<CompletionOptions, "signal">,
  ): Promise<readonly Likelihood[]>;
  release(): Promise<void>;
}
