import { catalogue, type InputOf, type SpecOf } from "../../../common/catalogue.ts";
import { byteLevelBpe } from "./byte-level-bpe.ts";
import { characters } from "./characters.ts";
import { kmers } from "./kmers.ts";
import { residues } from "./residues.ts";
import { sentencePieceBpe, unigram } from "./sentence-piece-training.ts";
import { smiles } from "./smiles.ts";
import { wordPiece } from "./word-piece.ts";
import { words } from "./words.ts";

const ENTRIES = [
  wordPiece,
  byteLevelBpe,
  sentencePieceBpe,
  unigram,
  words,
  characters,
  kmers,
  residues,
  smiles,
] as const;

/** Kinds of tokenizer that a recipe can name: `{ name: "wordPiece", vocabularySize: 8000, lowercase: true }`. */
export const tokenizers = catalogue("tokenizer", ENTRIES);

/** A kind of tokenizer with all its settings. */
export type TokenizerSpec = SpecOf<(typeof ENTRIES)[number]>;
/** A kind of tokenizer as a person writes it. */
export type TokenizerInput = InputOf<(typeof ENTRIES)[number]>;
