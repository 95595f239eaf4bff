/** Tokenizers: texts, sequences and molecules as token ids, with offsets into the original text. */
export { createTokenizer } from "./create-tokenizer.ts";
export { encodeToLength, padEncoding } from "./encode-pair.ts";
export type { LengthOptions, PaddedEncoding, Truncation } from "./encode-pair.ts";
export { wordPieceFile } from "./kinds/word-piece.ts";
export type { WordPieceText } from "./kinds/word-piece.ts";
export { readTokenizer } from "./read-tokenizer.ts";
export type { TokenizerTexts } from "./read-tokenizer.ts";
export { tokenizerFileSchema, tokenizerJsonSchema } from "./tokenizer-file.ts";
export type { AddedToken, SpecialNames, TokenizerFile, TokenizerJson } from "./tokenizer-file.ts";
export type { Encoding, EncodeOptions, SpecialRole, SpecialTokens, Tokenizer, TokenizerKind } from "./tokenizer.ts";
