import type { TokenizerFile } from "./tokenizer-file.ts";

/** How the vocabulary of a tokenizer is applied to a piece of text. */
export type TokenizerKind = "wordPiece" | "bpe" | "unigram" | "wordLevel";

/** Ids of the tokens with a role; undefined where the tokenizer has none. */
export interface SpecialTokens {
  /** Fills rows up to a common length: `[PAD]`, `<pad>`. */
  readonly padding: number | undefined;
  /** Stands for what the vocabulary does not have: `[UNK]`, `<unk>`. */
  readonly unknown: number | undefined;
  /** Hides a token in masked pretraining: `[MASK]`, `<mask>`. */
  readonly mask: number | undefined;
  /** First token of an input, whose state stands for all of it: `[CLS]`, `<s>`, `<cls>`. */
  readonly start: number | undefined;
  /** Ends an input and parts two: `[SEP]`, `</s>`, `<eos>`. */
  readonly end: number | undefined;
}

/** The name of a role that a special token can have. */
export type SpecialRole = keyof SpecialTokens;

/** A text as tokens. All arrays are as long as `ids`, `offsets` twice as long. */
export interface Encoding {
  readonly ids: Int32Array;
  readonly tokens: readonly string[];
  /**
   * Two numbers a token, `[start, end)` in UTF-16 code units of the original text, so that
   * `text.slice(offsets[2 * i], offsets[2 * i + 1])` is what token i stands for. White space around a token is not
   * part of it, unless the token is nothing else. Empty for tokens that stand for nothing in the text: those added
   * around it, and the space that some kinds put in front.
   */
  readonly offsets: Int32Array;
  /** Which whole word a token belongs to, counted from 0 in each text; -1 for tokens that were added around the text. */
  readonly wordIds: Int32Array;
  /** Segment of a token, as BERT's segment embedding reads it. */
  readonly typeIds: Int32Array;
  /** 0 for the first text, 1 for the second of a pair; -1 for tokens that were added around them. */
  readonly sequenceIds: Int32Array;
}

/** How a text is read. */
export interface EncodeOptions {
  /**
   * Whether special tokens written in the text (`[MASK]`, `<eos>`) count as such, as they do by default, or as text.
   * Choose `text` for what a person wrote and nobody checked.
   */
  readonly specialTokens?: "recognized" | "text";
}

/**
 * Turns texts, sequences or SMILES into token ids and back. Made by `createTokenizer` from plain data, by `readTokenizer`
 * from files or by `trainTokenizer` from texts; the same in Node, browsers and worker threads.
 *
 * @example
 * const tokenizer = readTokenizer({ "vocab.txt": text });
 * const { ids, offsets } = tokenizer.wrap(tokenizer.encode("Loss of BRCA1 predisposes to breast cancer."));
 */
export interface Tokenizer {
  readonly kind: TokenizerKind;
  /** Tokens by id; an id that no token has is an empty string. */
  readonly vocabulary: readonly string[];
  readonly special: SpecialTokens;
  /** Id of a token, undefined where the vocabulary does not have it. */
  idOf(token: string): number | undefined;
  /**
   * Splits a text into tokens, without special tokens around it and at any length.
   *
   * @throws VesaliusError `bad-data` where the text has a symbol outside a vocabulary without an unknown token; the
   * message gives its place.
   */
  encode(text: string, options?: EncodeOptions): Encoding;
  /** Puts the special tokens around one encoded text, or around and between two: `[CLS] a [SEP] b [SEP]`. */
  wrap(first: Encoding, second?: Encoding): Encoding;
  /** How many tokens `wrap` adds. */
  wrapLength(pair: boolean): number;
  /**
   * The text that ids stand for. Exact for byte-level vocabularies; elsewhere up to white space and normalization.
   *
   * @throws VesaliusError `bad-argument` for an id outside the vocabulary.
   */
  decode(ids: ArrayLike<number>, options?: { readonly skipSpecialTokens?: boolean }): string;
  /** All of the tokenizer as plain data, which survives a structured clone and `JSON`. */
  toJson(): TokenizerFile;
}
