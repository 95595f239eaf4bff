/** What a processor knows of a text. */
export interface TextSoFar {
  /** The decoder's tokens up to here: prompt (or start tokens) and what was written. */
  readonly tokens: readonly number[];
  /** How many of them were written. */
  readonly written: number;
}

/** Changes what a model expects next: a pure function of the logits `[vocabularySize]` and the text. */
export type LogitsProcessor = (logits: Float32Array, text: TextSoFar) => Float32Array;

/** Applies processors one after the other. */
export const applyProcessors = (
  processors: readonly LogitsProcessor[],
  logits: Float32Array,
  text: TextSoFar,
): Float32Array => processors.reduce((changed, processor) => processor(changed, text), logits);

/** Copy of logits in which tokens cannot be chosen. */
export function without(logits: Float32Array, tokens: Iterable<number>): Float32Array {
  const changed = logits.slice();
  for (const token of tokens) changed[token] = -Infinity;
  return changed;
}
