import type { TokenizerKind } from "../tokenizer.ts";
import type { Vocabulary } from "../vocabulary.ts";

/** The tokens of one piece. `starts` and `ends` are UTF-16 units of the piece. */
export interface Segmentation {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** What applies a vocabulary to a piece of text. */
export interface TokenizerModel {
  readonly kind: TokenizerKind;
  readonly vocabulary: Vocabulary;
  readonly unknown: string | undefined;
  /** Undefined where the piece cannot be written in the vocabulary and there is no unknown token. */
  tokenize(piece: string): Segmentation | undefined;
}

/** Tokens that no text makes: the special ones, which are found before a text is split, or are meant to be text. */
export type Reserved = ReadonlySet<string>;

/** One token for a whole piece. */
export const wholePiece = (piece: string, id: number, token: string): Segmentation => ({
  ids: [id],
  tokens: [token],
  starts: [0],
  ends: [piece.length],
});
