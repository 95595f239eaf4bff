/** Turns tokens into the texts that, joined, are what they stand for. */
export type Decoder = (tokens: readonly string[]) => readonly string[];
