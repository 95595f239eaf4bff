import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import type { ComponentJson } from "../component.ts";
import type { TokenizerFile } from "../tokenizer-file.ts";
import { countPieces, Pace } from "../training/count-pieces.ts";
import { mostFrequent } from "../training/most-frequent.ts";
import { vocabularyJson } from "../vocabulary.ts";
import { BERT_SPECIAL, tokenizerFile, given } from "./tokenizer-parts.ts";
import { countSettings, type TokenizerTrainer } from "./trainer.ts";

/**
 * Atoms in brackets, organic-subset atoms, bonds, branches, rings: the expression of Schwaller et al. 2019
 * (MolecularTransformer), as DeepChem's SmilesTokenizer writes it, which keeps `>>` together.
 */
const PATTERN =
  "\\[[^\\]]+]|Br?|Cl?|N|O|S|P|F|I|b|c|n|o|s|p|\\(|\\)|\\.|=|#|-|\\+|\\\\|\\/|:|~|@|\\?|>>?|\\*|\\$|%[0-9]{2}|[0-9]";

const textSettings = {
  /**
   * What becomes of symbols that are no part of a SMILES: an error, unknown tokens, or nothing, as DeepChem does.
   * An atom that the vocabulary does not have is unknown in any case.
   */
  unmatched: z.enum(["refuse", "unknown", "drop"]).default("refuse"),
  /** Expression that matches one token; MolecularTransformer's by default. */
  pattern: z.string().min(1).max(1000).default(PATTERN),
};
const smilesTextSchema = z.strictObject(textSettings);
export type SmilesText = z.input<typeof smilesTextSchema>;

const preTokenizer = ({ unmatched, pattern }: z.output<typeof smilesTextSchema>): ComponentJson => {
  const split = { type: "Split", pattern: { Regex: pattern } };
  if (unmatched === "unknown") return { ...split, behavior: "Isolated", invert: false };
  return { ...split, behavior: "Removed", invert: true, ...(unmatched === "refuse" ? { unmatched } : {}) };
};

/** SMILES strings as atoms, bonds and rings, over a vocabulary in the order of ids. */
export function smilesFile(tokens: readonly string[], text: SmilesText = {}): TokenizerFile {
  return tokenizerFile({
    tokens,
    special: BERT_SPECIAL,
    preTokenizer: preTokenizer(given(smilesTextSchema, text)),
    decoder: { type: "Fuse" },
    model: { type: "WordLevel", unk_token: BERT_SPECIAL.unknown, vocab: vocabularyJson(tokens) },
  });
}

/** Tokens of the SMILES of a corpus. */
export const smiles = entry({
  name: "smiles",
  summary: "atoms, bonds and rings of SMILES strings",
  paper: "Molecular Transformer, Schwaller et al. 2019",
  settings: z.strictObject({
    ...countSettings,
    vocabularySize: countSettings.vocabularySize.default(1000),
    ...textSettings,
  }),
  create: ({ vocabularySize, minimumFrequency, ...text }): TokenizerTrainer => ({
    train: async (texts, options = {}) => {
      const parts = { normalizer: null, preTokenizer: preTokenizer(text) };
      const counts = await countPieces(texts, parts, new Pace(options));
      return smilesFile(
        mostFrequent(counts, Object.values(BERT_SPECIAL), { size: vocabularySize, minimumFrequency }),
        text,
      );
    },
  }),
});
