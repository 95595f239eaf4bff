import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import { VesaliusError } from "../../../common/errors.ts";
import type { SpecialNames, TokenizerFile } from "../tokenizer-file.ts";
import { escapeRegExp } from "../regular-expression.ts";
import { vocabularyJson } from "../vocabulary.ts";
import { BERT_SPECIAL, tokenizerFile, given } from "./tokenizer-parts.ts";
import { alphabetSchema, type TokenizerTrainer, NO_UNKNOWN, unknownSchema, uppercaseLetters } from "./trainer.ts";

/** Most k-mers of a vocabulary: 4^10. */
const MAXIMUM = 4 ** 10;

const settingsSchema = z.strictObject({
  k: z.int().min(1).max(10).default(6),
  /** A k-mer from every letter on, as DNABERT; otherwise side by side, as Nucleotide Transformer. */
  overlapping: z.boolean().default(true),
  /** Letters that k-mers are made of; the first letter of the vocabulary's order comes first. */
  alphabet: alphabetSchema.default("ATCG"),
  /** Letters that are tokens by themselves and never part of a k-mer, where k-mers do not overlap. */
  single: z.string().max(16).default("N"),
  unknown: unknownSchema.default("token"),
  /** Whether lower-case letters count as upper-case ones: soft-masked genomes. */
  uppercase: z.boolean().default(false),
});
export type KmerSettings = z.input<typeof settingsSchema>;

/** All words of k letters, last letter fastest. */
function products(letters: readonly string[], k: number): string[] {
  let words = [""];
  for (let length = 0; length < k; length++) words = words.flatMap((word) => letters.map((letter) => word + letter));
  return words;
}

/**
 * k-mers of a nucleotide sequence. Overlapping ones (DNABERT, `tokenization_dna.py`): a k-mer with a letter outside the
 * alphabet is unknown, and a sequence shorter than k has no token. Side by side (Nucleotide Transformer): what does not
 * fill a k-mer, at the end or beside other letters, becomes single letters.
 *
 * @throws VesaliusError `bad-configuration` where there would be more than 4^10 k-mers
 */
export function kmerFile(settings: KmerSettings = {}): TokenizerFile {
  const { k, overlapping, alphabet, single, unknown, uppercase } = given(settingsSchema, settings);
  const letters = Array.from(alphabet);
  if (letters.length ** k > MAXIMUM)
    throw new VesaliusError(
      "bad-configuration",
      `${letters.length} letters make ${letters.length ** k} words of ${k}`,
      {
        fix: `choose k so that there are at most ${MAXIMUM}`,
      },
    );
  const singles = overlapping ? [] : [...(k === 1 ? [] : letters), ...Array.from(single)];
  const tokens = [...new Set([...Object.values(BERT_SPECIAL), ...products(letters, k), ...singles])];
  return fileOf(
    tokens,
    { k, letters, overlapping, special: BERT_SPECIAL, unknown },
    uppercase ? [...letters, ...Array.from(single)] : [],
  );
}

/**
 * k-mers of a vocabulary from a file, in the order of ids.
 *
 * @throws VesaliusError `bad-file` for a vocabulary that does not hold all words of one length over an alphabet
 */
export function kmerVocabularyFile(
  tokens: readonly string[],
  { overlapping, special }: { readonly overlapping: boolean; readonly special: SpecialNames },
): TokenizerFile {
  const words = tokens.filter((token) => /^[A-Za-z]+$/.test(token));
  const k = words.reduce((longest, word) => Math.max(longest, word.length), 0);
  const longest = words.filter((word) => word.length === k);
  const letters = [...new Set(longest.join(""))];
  if (k < 2 || letters.length ** k !== longest.length)
    throw new VesaliusError(
      "bad-file",
      `${longest.length} words of ${k} letters are not all over ${letters.length} letters`,
      {
        where: "vocab.txt",
        fix: "give the vocabulary of a k-mer tokenizer",
      },
    );
  return fileOf(tokens, { k, letters, overlapping, special, unknown: "token" }, []);
}

/** @param lowered letters whose lower-case form counts as they do */
function fileOf(
  tokens: readonly string[],
  settings: {
    readonly k: number;
    readonly letters: readonly string[];
    readonly overlapping: boolean;
    readonly special: SpecialNames;
    readonly unknown: "token" | "refuse";
  },
  lowered: readonly string[],
): TokenizerFile {
  const { k, letters, overlapping, special, unknown } = settings;
  const side = `[${letters.map(escapeRegExp).join("")}]{${k}}|[\\s\\S]`;
  return tokenizerFile({
    tokens,
    special,
    normalizer: lowered.length === 0 ? null : uppercaseLetters(lowered),
    preTokenizer: overlapping
      ? { type: "Kmers", k }
      : { type: "Split", pattern: { Regex: side }, behavior: "Isolated", invert: false },
    decoder: { type: overlapping ? "Kmers" : "Fuse" },
    model: {
      type: "WordLevel",
      unk_token: unknown === "refuse" ? NO_UNKNOWN : (special.unknown ?? NO_UNKNOWN),
      vocab: vocabularyJson(tokens),
    },
  });
}

/** k-mers of an alphabet. */
export const kmers = entry({
  name: "kmers",
  summary: "words of k nucleotides, overlapping or side by side",
  paper: "DNABERT, Ji et al. 2021; Nucleotide Transformer, Dalla-Torre et al. 2024",
  settings: settingsSchema,
  create: (settings): TokenizerTrainer => ({ train: () => Promise.resolve(kmerFile(settings)) }),
});
