import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import { type TokenizerFile, specialNamesSchema } from "../tokenizer-file.ts";
import { countPieces, Pace } from "../training/count-pieces.ts";
import { learnMerges } from "../training/learn-merges.ts";
import { vocabularyJson } from "../vocabulary.ts";
import { BERT_SPECIAL, tokenizerFile, given } from "./tokenizer-parts.ts";
import { countSettings, type TokenizerTrainer } from "./trainer.ts";

const PREFIX = "##";

const textSettings = {
  /** Whether letters lose their case, and accents with it. */
  lowercase: z.boolean().default(true),
  /** Whether accents are removed; by default where letters lose their case. */
  stripAccents: z.boolean().optional(),
  /** Longer words become the unknown token: 100 in the published checkpoints' files, 200 in BERT's first code. */
  maximumCharacters: z.int().positive().default(100),
  /** Whether each CJK ideograph is a word by itself. */
  separateIdeographs: z.boolean().default(true),
};
const wordPieceTextSchema = z.strictObject({
  ...textSettings,
  /** Special tokens by role; those of BERT by default. */
  special: specialNamesSchema.default(BERT_SPECIAL),
});
/** How BERT's tokenizers read text. */
export type WordPieceText = z.input<typeof wordPieceTextSchema>;

const parts = (settings: z.output<z.ZodObject<typeof textSettings>>) => ({
  normalizer: {
    type: "BertNormalizer",
    clean_text: true,
    handle_chinese_chars: settings.separateIdeographs,
    strip_accents: settings.stripAccents ?? null,
    lowercase: settings.lowercase,
  },
  preTokenizer: { type: "BertPreTokenizer" },
});

/** WordPiece over a vocabulary in the order of ids, as `vocab.txt` of BERT lists it. */
export function wordPieceFile(tokens: readonly string[], text: WordPieceText = {}): TokenizerFile {
  const settings = given(wordPieceTextSchema, text);
  return tokenizerFile({
    tokens,
    special: settings.special,
    ...parts(settings),
    decoder: { type: "WordPiece", prefix: PREFIX, cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: settings.special.unknown ?? BERT_SPECIAL.unknown,
      continuing_subword_prefix: PREFIX,
      max_input_chars_per_word: settings.maximumCharacters,
      vocab: vocabularyJson(tokens),
    },
  });
}

/** WordPiece of a corpus. */
export const wordPiece = entry({
  name: "wordPiece",
  summary: "parts of words, as BERT reads text",
  paper: "BERT, Devlin et al. 2019",
  settings: z.strictObject({
    ...countSettings,
    vocabularySize: countSettings.vocabularySize.default(30_000),
    minimumFrequency: countSettings.minimumFrequency.default(2),
    ...textSettings,
    /** Most characters of the vocabulary; words with others are unknown. */
    alphabetLimit: z.int().min(1).default(1000),
  }),
  create: ({ vocabularySize, minimumFrequency, alphabetLimit, ...text }): TokenizerTrainer => ({
    train: async (texts, options = {}) => {
      const pace = new Pace(options);
      const words = await countPieces(texts, parts(text), pace);
      const special = Object.values(BERT_SPECIAL);
      const merging = { special, vocabularySize, minimumFrequency, limit: alphabetLimit, prefix: PREFIX };
      return wordPieceFile((await learnMerges(words, merging, pace)).tokens, text);
    },
  }),
});
