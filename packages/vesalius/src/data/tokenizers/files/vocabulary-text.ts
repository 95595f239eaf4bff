import { VesaliusError } from "../../../common/errors.ts";
import { BERT_SPECIAL } from "../kinds/tokenizer-parts.ts";
import { characterFile } from "../kinds/characters.ts";
import { kmerVocabularyFile } from "../kinds/kmers.ts";
import { ESM_SPECIAL } from "../kinds/residues.ts";
import { smilesFile } from "../kinds/smiles.ts";
import { wordPieceFile } from "../kinds/word-piece.ts";
import type { SpecialNames, TokenizerFile } from "../tokenizer-file.ts";
import { checkLength } from "./limits.ts";
import { statedRoles, type TokenizerConfig } from "./tokenizer-config.ts";

/** What a `vocab.txt` is a vocabulary of. */
export type VocabularyKind = "wordPiece" | "kmers" | "overlappingKmers" | "characters" | "smiles";

/** Lines of `vocab.txt`: a token a line, its number the id. */
export function vocabularyLines(text: string, where = "vocab.txt"): string[] {
  checkLength(text, where);
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const seen = new Set<string>();
  for (const [at, line] of lines.entries()) {
    if (line === "" || seen.has(line))
      throw new VesaliusError("bad-file", line === "" ? "a line is empty" : "a token stands there twice", {
        where: `${where}, line ${at + 1}`,
        fix: "a vocabulary has a token a line, each once",
      });
    seen.add(line);
  }
  return lines;
}

/** The kind that transformers' class of a tokenizer reads. */
function kindOf(name: string | null | undefined, tokens: readonly string[]): VocabularyKind {
  if (name === undefined || name === null || /^(Distil|Mobile)?Bert|^Electra/.test(name)) return "wordPiece";
  if (name.startsWith("Esm")) return tokens.some((token) => /^[A-Z]{2,}$/.test(token)) ? "kmers" : "characters";
  if (name.startsWith("DNA")) return "overlappingKmers";
  if (name.startsWith("Smiles")) return "smiles";
  throw new VesaliusError("bad-file", `vocab.txt of ${name} is not implemented`, {
    where: "tokenizer_config.json: tokenizer_class",
    fix: "give tokenizer.json, or say what kind of vocabulary it is",
  });
}

/**
 * A tokenizer of `vocab.txt`: WordPiece of BERT, or by the class that the settings name ESM's residues, Nucleotide
 * Transformer's k-mers, DNABERT's, DeepChem's SMILES.
 *
 * @param kind where neither is so
 */
export function vocabularyTextFile(text: string, config: TokenizerConfig, kind?: VocabularyKind): TokenizerFile {
  const tokens = vocabularyLines(text);
  const stated = statedRoles(config);
  const published: SpecialNames = tokens.includes("<cls>") ? ESM_SPECIAL : BERT_SPECIAL;
  const special = Object.keys(stated).length > 0 ? stated : published;
  switch (kind ?? kindOf(config.tokenizer_class, tokens)) {
    case "wordPiece":
      return wordPieceFile(tokens, {
        lowercase: config.do_lower_case ?? true,
        separateIdeographs: config.tokenize_chinese_chars ?? true,
        ...(typeof config.strip_accents === "boolean" ? { stripAccents: config.strip_accents } : {}),
        special: { ...BERT_SPECIAL, ...stated },
      });
    case "kmers":
      return kmerVocabularyFile(tokens, { overlapping: false, special });
    case "overlappingKmers":
      return kmerVocabularyFile(tokens, { overlapping: true, special });
    case "characters":
      return characterFile(tokens, { special });
    default:
      return smilesFile(tokens);
  }
}
