import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import { type TokenizerFile, specialNamesSchema } from "../tokenizer-file.ts";
import { countPieces, Pace } from "../training/count-pieces.ts";
import { mostFrequent } from "../training/most-frequent.ts";
import { vocabularyJson } from "../vocabulary.ts";
import { BERT_SPECIAL, tokenizerFile, given } from "./tokenizer-parts.ts";
import {
  alphabetSchema,
  CHARACTERS,
  countSettings,
  type TokenizerTrainer,
  NO_UNKNOWN,
  unknownSchema,
  uppercaseLetters,
} from "./trainer.ts";

const textSettings = {
  unknown: unknownSchema.default("token"),
  /** Whether lower-case letters of the vocabulary's alphabet count as upper-case ones: soft-masked genomes. */
  uppercase: z.boolean().default(false),
};
const characterTextSchema = z.strictObject({
  ...textSettings,
  /** Special tokens of the vocabulary by role; BERT's by default. */
  special: specialNamesSchema.default(BERT_SPECIAL),
});
export type CharacterText = z.input<typeof characterTextSchema>;

/**
 * A token for each character, over a vocabulary in the order of ids: nucleotides of HyenaDNA, amino acids, any text.
 * White space is a character too.
 */
export function characterFile(tokens: readonly string[], text: CharacterText = {}): TokenizerFile {
  const { unknown, uppercase, special } = given(characterTextSchema, text);
  const letters = tokens.filter((token) => Array.from(token).length === 1);
  return tokenizerFile({
    tokens,
    special,
    normalizer: uppercase ? uppercaseLetters(letters) : null,
    preTokenizer: CHARACTERS,
    decoder: { type: "Fuse" },
    model: {
      type: "WordLevel",
      unk_token: unknown === "refuse" ? NO_UNKNOWN : (special.unknown ?? NO_UNKNOWN),
      vocab: vocabularyJson(tokens),
    },
  });
}

/** Characters of an alphabet or of a corpus. */
export const characters = entry({
  name: "characters",
  summary: "single characters: nucleotides, letters",
  paper: "HyenaDNA, Nguyen et al. 2023",
  settings: z.strictObject({
    ...countSettings,
    vocabularySize: countSettings.vocabularySize.default(1000),
    ...textSettings,
    /** The characters, in the order of ids; without it, those of the corpus, most frequent first. */
    alphabet: alphabetSchema.optional(),
  }),
  create: ({ vocabularySize, minimumFrequency, alphabet, ...text }): TokenizerTrainer => ({
    train: async (texts, options = {}) => {
      const special = Object.values(BERT_SPECIAL);
      if (alphabet !== undefined) return characterFile([...special, ...Array.from(alphabet)], text);
      const counts = await countPieces(texts, { normalizer: null, preTokenizer: CHARACTERS }, new Pace(options));
      return characterFile(mostFrequent(counts, special, { size: vocabularySize, minimumFrequency }), text);
    },
  }),
});
