import { VesaliusError } from "../../../common/errors.ts";
import { alignedText } from "../aligned-text.ts";
import type { ComponentJson } from "../component.ts";
import { createNormalizer } from "../normalizers/index.ts";
import { createPreTokenizer } from "../pre-tokenizers/index.ts";

/** What a tokenizer is trained on: texts, all at once or as they come. */
export type Corpus = Iterable<string> | AsyncIterable<string>;

/** How far a training has come. */
export interface TokenizerProgress {
  /** What is being done: reading texts, choosing merges, pruning. */
  readonly step: string;
  readonly done: number;
  /** Undefined where it is not known before. */
  readonly total: number | undefined;
}

/** Options of a training. */
export interface TokenizerTrainingOptions {
  readonly onProgress?: (progress: TokenizerProgress) => void;
  readonly signal?: AbortSignal;
}

/** Milliseconds of work after which a training lets others run. */
const SLICE = 50;

/** Reports progress and lets the event loop turn from time to time, so that a browser stays alive and a signal is heard. */
export class Pace {
  readonly #options: TokenizerTrainingOptions;
  #since = performance.now();

  constructor(options: TokenizerTrainingOptions) {
    this.#options = options;
  }

  /**
   * To be called in loops; cheap where nothing is due.
   *
   * @throws VesaliusError `interrupted` once the signal is aborted
   */
  async step(step: string, done: number, total: number | undefined): Promise<void> {
    if (performance.now() - this.#since < SLICE) return;
    await this.finish(step, done, total);
  }

  /** The same at the end of a step, whatever the time. */
  async finish(step: string, done: number, total: number | undefined): Promise<void> {
    this.#options.onProgress?.({ step, done, total });
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (this.#options.signal?.aborted === true)
      throw new VesaliusError("interrupted", "the training of the tokenizer was stopped", { where: step });
    this.#since = performance.now();
  }
}

/**
 * Splits texts as a tokenizer will and counts the pieces, in the order of their first appearance.
 *
 * @throws VesaliusError `bad-data` where there is nothing to learn from
 */
export async function countPieces(
  texts: Corpus,
  parts: { readonly normalizer: ComponentJson | null; readonly preTokenizer: ComponentJson | null },
  pace: Pace,
): Promise<Map<string, number>> {
  const normalize = parts.normalizer === null ? undefined : createNormalizer(parts.normalizer, "normalizer");
  const split = parts.preTokenizer === null ? undefined : createPreTokenizer(parts.preTokenizer, "pre_tokenizer");
  const counts = new Map<string, number>();
  let done = 0;
  for await (const text of texts) {
    const normalized = normalize?.(alignedText(text)) ?? alignedText(text);
    for (const piece of split?.([normalized]) ?? [normalized])
      if (piece.text !== "") counts.set(piece.text, (counts.get(piece.text) ?? 0) + 1);
    await pace.step("reading texts", ++done, undefined);
  }
  if (counts.size === 0)
    throw new VesaliusError("bad-data", `${done} texts without a word to learn a vocabulary from`, {
      fix: "give the texts of the training split",
    });
  await pace.finish("reading texts", done, done);
  return counts;
}
