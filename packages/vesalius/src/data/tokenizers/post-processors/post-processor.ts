/** A special token or a whole text in the order in which an input holds them. */
export type TemplatePart =
  | { readonly special: string; readonly id: number; readonly type: number }
  | { readonly sequence: 0 | 1; readonly type: number };

/** What is put around texts, and how their offsets are finished. */
export interface PostProcessor {
  readonly single: readonly TemplatePart[];
  readonly pair: readonly TemplatePart[];
  /** Whether white space at the ends of a token is kept in its offsets. */
  readonly keepsWhiteSpace?: boolean;
}

/** Nothing around a text; of a pair, the second has type 1. */
export const bare: PostProcessor = {
  single: [{ sequence: 0, type: 0 }],
  pair: [
    { sequence: 0, type: 0 },
    { sequence: 1, type: 1 },
  ],
};
