import type { AlignedText } from "../aligned-text.ts";

/** Splits pieces further; the pieces it gives are the whole words that tokens belong to. */
export type PreTokenizer = (pieces: readonly AlignedText[]) => AlignedText[];
