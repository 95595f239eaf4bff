/** Logits of the next token of each text, row by row. */
export type LogitRows = readonly Float32Array[];

/** Texts that a model is writing side by side. Search decides which token each of them gets. */
export interface Texts {
  /** What the model expects next in each text. */
  readonly logits: LogitRows;
  /**
   * Adds one token to each text.
   *
   * @param tokens one for each text
   * @param parents text i goes on from what text `parents[i]` was, which belongs to the same prompt; from itself by
   * default
   */
  append(tokens: ArrayLike<number>, parents?: ArrayLike<number>): Promise<void>;
  /** Frees what the backend holds of the texts, which cannot go on afterwards. */
  release(): void;
}

/** Number of the prompt that each text goes on from, where there are `copies` texts for each prompt. */
export const promptOfText = (prompts: number, copies: number): Int32Array =>
  Int32Array.from({ length: prompts * copies }, (_, text) => Math.floor(text / copies));
