import { z } from "zod";
import type { TokenizerFile } from "../tokenizer-file.ts";
import { vocabularyJson } from "../vocabulary.ts";
import { BERT_SPECIAL, tokenizerFile } from "./tokenizer-parts.ts";

/** How BERT's tokenizers read text. */
export const wordPieceTextSchema = z.strictObject({
  /** Whether letters lose their case, and accents with it. */
  lowercase: z.boolean().default(true),
  /** Whether accents are removed; by default where letters lose their case. */
  stripAccents: z.boolean().optional(),
  /** Longer words become the unknown token: 100 in the published checkpoints' files, 200 in BERT's first code. */
  maximumCharacters: z.int().positive().default(100),
});
export type WordPieceText = z.input<typeof wordPieceTextSchema>;

/** WordPiece over a vocabulary in the order of ids, as `vocab.txt` of BERT lists it. */
export function wordPieceFile(tokens: readonly string[], text: WordPieceText = {}): TokenizerFile {
  const settings = wordPieceTextSchema.parse(text);
  return tokenizerFile({
    tokens,
    special: BERT_SPECIAL,
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: settings.stripAccents ?? null,
      lowercase: settings.lowercase,
    },
    preTokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: BERT_SPECIAL.unknown,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: settings.maximumCharacters,
      vocab: vocabularyJson(tokens),
    },
  });
}
