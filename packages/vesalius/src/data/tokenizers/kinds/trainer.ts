import { z } from "zod";
import type { ComponentJson } from "../component.ts";
import type { TokenizerFile } from "../tokenizer-file.ts";
import type { Corpus, TokenizerTrainingOptions } from "../training/count-pieces.ts";

/** What a kind of tokenizer with its settings makes of a corpus. */
export interface TokenizerTrainer {
  /**
   * Learns a vocabulary; the same texts in the same order always give the same one. Kinds whose vocabulary follows from
   * their settings (k-mers, residues) read no text.
   *
   * @throws VesaliusError `bad-data` for a corpus without a word, `interrupted` where the signal is aborted
   */
  train(texts: Corpus, options?: TokenizerTrainingOptions): Promise<TokenizerFile>;
}

/** Most tokens of a vocabulary, and how often a piece must appear to be one. */
export const countSettings = {
  vocabularySize: z.int().min(8).max(1_000_000),
  minimumFrequency: z.int().min(1).default(1),
};

/** What becomes of a symbol that the vocabulary does not have: the unknown token, or an error that gives its place. */
export const unknownSchema = z.enum(["token", "refuse"]);

/** A name that no token has: WordLevel without an unknown token, here and in Hugging Face's library. */
export const NO_UNKNOWN = "";

/** Each single letter of an alphabet, as the field writes it: `ACGT`. */
export const alphabetSchema = z
  .string()
  .min(1)
  .max(256)
  .refine((letters) => new Set(letters).size === Array.from(letters).length, "has a letter twice");

/** Lower-case letters of an alphabet to upper case (soft-masked genomes), as steps that any library of the field knows. */
export function uppercaseLetters(letters: readonly string[]): ComponentJson {
  const steps = letters
    .filter((letter) => letter.toLowerCase() !== letter && !letters.includes(letter.toLowerCase()))
    .map((letter) => ({ type: "Replace", pattern: { String: letter.toLowerCase() }, content: letter }));
  return { type: "Sequence", normalizers: steps };
}

/** Splits a text into its characters. */
export const CHARACTERS: ComponentJson = {
  type: "Split",
  pattern: { Regex: "[\\s\\S]" },
  behavior: "Isolated",
  invert: false,
};
