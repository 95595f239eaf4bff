import { z } from "zod";
import type { SpecialNames, TokenizerFile } from "../tokenizer-file.ts";
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
  /** Whether each CJK ideograph is a word by itself. */
  separateIdeographs: z.boolean().default(true),
  /** Special tokens by role; those of BERT by default. */
  special: z.custom<SpecialNames>().default(BERT_SPECIAL),
});
export type WordPieceText = z.input<typeof wordPieceTextSchema>;

/** WordPiece over a vocabulary in the order of ids, as `vocab.txt` of BERT lists it. */
export function wordPieceFile(tokens: readonly string[], text: WordPieceText = {}): TokenizerFile {
  const settings = wordPieceTextSchema.parse(text);
  return tokenizerFile({
    tokens,
    special: settings.special,
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: settings.separateIdeographs,
      strip_accents: settings.stripAccents ?? null,
      lowercase: settings.lowercase,
    },
    preTokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: settings.special.unknown ?? BERT_SPECIAL.unknown,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: settings.maximumCharacters,
      vocab: vocabularyJson(tokens),
    },
  });
}
