import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import type { ComponentJson } from "../component.ts";
import type { TokenizerFile } from "../tokenizer-file.ts";
import { countPieces, Pace } from "../training/count-pieces.ts";
import { mostFrequent } from "../training/most-frequent.ts";
import { vocabularyJson } from "../vocabulary.ts";
import { BERT_SPECIAL, tokenizerFile, given } from "./tokenizer-parts.ts";
import { countSettings, type TokenizerTrainer } from "./trainer.ts";

const textSettings = {
  lowercase: z.boolean().default(false),
  /** Whether punctuation is split off words; otherwise only white space parts them. */
  punctuation: z.boolean().default(true),
};
const settingsSchema = z.strictObject({
  ...countSettings,
  vocabularySize: countSettings.vocabularySize.default(30_000),
  ...textSettings,
});
const wordTextSchema = z.strictObject(textSettings);
export type WordText = z.input<typeof wordTextSchema>;

const normalizer = (lowercase: boolean): ComponentJson => ({
  type: "Sequence",
  normalizers: [{ type: "NFC" }, ...(lowercase ? [{ type: "Lowercase" }] : [])],
});
const preTokenizer = (punctuation: boolean): ComponentJson => ({
  type: punctuation ? "BertPreTokenizer" : "WhitespaceSplit",
});

/** Whole words over a vocabulary in the order of ids; decoding joins them by spaces. */
export function wordFile(tokens: readonly string[], text: WordText = {}): TokenizerFile {
  const { lowercase, punctuation } = given(wordTextSchema, text);
  return tokenizerFile({
    tokens,
    special: BERT_SPECIAL,
    normalizer: normalizer(lowercase),
    preTokenizer: preTokenizer(punctuation),
    model: { type: "WordLevel", unk_token: BERT_SPECIAL.unknown, vocab: vocabularyJson(tokens) },
  });
}

/** Whole words of a corpus. */
export const words = entry({
  name: "words",
  summary: "whole words; rarer ones are unknown",
  settings: settingsSchema,
  create: ({ vocabularySize, minimumFrequency, lowercase, punctuation }): TokenizerTrainer => ({
    train: async (texts, options = {}) => {
      const parts = { normalizer: normalizer(lowercase), preTokenizer: preTokenizer(punctuation) };
      const counts = await countPieces(texts, parts, new Pace(options));
      const kept = mostFrequent(counts, Object.values(BERT_SPECIAL), { size: vocabularySize, minimumFrequency });
      return wordFile(kept, { lowercase, punctuation });
    },
  }),
});
