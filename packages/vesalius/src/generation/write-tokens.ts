import { type RandomStream, randomStream } from "../common/random.ts";
import type { LanguageModel } from "./language-model.ts";
import { argmax } from "./largest-first.ts";
import type { GenerationSettings } from "./options.ts";
import { drawToken, logProbabilityOf } from "./probabilities.ts";
import { applyProcessors, constraints, samplingProcessors } from "./processors/index.ts";
import { type FinishReason, finishReason, noTokenLeft, throwIfAborted } from "./stopping.ts";

/** A token as it was written. */
export interface GeneratedToken {
  /** Number of the prompt. */
  readonly prompt: number;
  /** Number of the sequence among those of the prompt. */
  readonly sequence: number;
  readonly token: number;
  /** Natural logarithm of the probability that the model gave the token, before any processor. */
  readonly logProbability: number;
  /** Set on the last token of a sequence. */
  readonly finish?: FinishReason;
}

/** A text that was written. */
export interface GeneratedSequence {
  /** The new tokens, an end token or stop sequence included. */
  readonly tokens: readonly number[];
  readonly finish: FinishReason;
  /** Sum over the tokens of the logarithm of the probability that the model gave them, before any processor. */
  readonly logProbability: number;
  /** By what beam search ranked it: processed log-probability / length ** lengthPenalty. */
  readonly score?: number;
}

/** A row of the batch while it is written. */
interface Row {
  readonly prompt: number;
  readonly sequence: number;
  readonly context: readonly number[];
  readonly random: RandomStream;
  readonly written: number[];
  logProbability: number;
  finish: FinishReason | undefined;
}

/**
 * Writes token by token, greedily or by sampling, and yields each token when it is chosen. Every sequence has random
 * numbers of its own, named by the seed, the prompt's number and the sequence's, so one does not depend on the others.
 *
 * @returns the sequences of each prompt
 */
export async function* writeTokens(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  settings: GenerationSettings,
  signal?: AbortSignal,
): AsyncGenerator<GeneratedToken, readonly (readonly GeneratedSequence[])[], undefined> {
  const { search, seed } = settings;
  const copies = search.method === "sample" ? search.sequences : 1;
  const processors = [...constraints(settings), ...samplingProcessors(settings)];
  const rows = prompts.flatMap((prompt, i) =>
    Array.from({ length: copies }, (_, sequence): Row => {
      const random = randomStream(seed, "generation", i, sequence);
      const context = model.context(prompt);
      return { prompt: i, sequence, context, random, written: [], logProbability: 0, finish: undefined };
    }),
  );
  throwIfAborted(signal, 0);
  const texts = await model.begin(prompts, copies);
  try {
    for (let count = 1; ; count++) {
      for (const [i, row] of rows.entries()) {
        if (row.finish !== undefined) continue;
        const logits = texts.logits[i]!;
        const text = { tokens: [...row.context, ...row.written], written: row.written.length };
        const processed = applyProcessors(processors, logits, text);
        const token = search.method === "sample" ? drawToken(processed, row.random.uniform()) : argmax(processed);
        const logProbability = logProbabilityOf(logits, token);
        if (processed[token] === -Infinity) noTokenLeft(row.written.length);
        row.written.push(token);
        row.logProbability += logProbability;
        row.finish = finishReason(row.written, settings);
        const { prompt, sequence, finish } = row;
        yield { prompt, sequence, token, logProbability, ...(finish === undefined ? {} : { finish }) };
      }
      if (rows.every(({ finish }) => finish !== undefined)) break;
      throwIfAborted(signal, count);
      await texts.append(rows.map(({ written }) => written.at(-1)!));
    }
  } finally {
    texts.release();
  }
  return prompts.map((_, i) =>
    rows
      .filter(({ prompt }) => prompt === i)
      .map(({ written, finish, logProbability }) => ({ tokens: written, finish: finish!, logProbability })),
  );
}
