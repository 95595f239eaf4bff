import { createTokenizer } from "./create-tokenizer.ts";
import { type TokenizerInput, tokenizers } from "./kinds/index.ts";
import type { Tokenizer } from "./tokenizer.ts";
import type { Corpus, TokenizerTrainingOptions } from "./training/count-pieces.ts";

/**
 * Learns a tokenizer from texts, in Node and in browsers, without native code. The same texts in the same order give the
 * same tokenizer everywhere.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not fit, `bad-data` for texts without a word,
 * `interrupted` where the signal is aborted
 *
 * @example
 * const tokenizer = await trainTokenizer({ name: "wordPiece", vocabularySize: 8000, lowercase: true }, texts);
 */
export async function trainTokenizer(
  spec: TokenizerInput,
  texts: Corpus,
  options: TokenizerTrainingOptions = {},
): Promise<Tokenizer> {
  return createTokenizer(await tokenizers.create(spec).train(texts, options), `tokenizer ${spec.name}`);
}
