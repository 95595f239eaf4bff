import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import type { ComponentJson } from "../component.ts";
import type { SpecialRole } from "../tokenizer.ts";
import { type SpecialNames, type TokenizerFile, specialNamesSchema } from "../tokenizer-file.ts";
import { vocabularyJson } from "../vocabulary.ts";
import { tokenizerFile, given } from "./tokenizer-parts.ts";

/** A piece of a SentencePiece model: its text, score and what it is. */
export interface SentencePiece {
  readonly piece: string;
  /** Log probability (unigram), or minus the rank of the merge that made it (BPE). */
  readonly score: number;
  readonly type: "normal" | "unknown" | "control" | "userDefined" | "byte" | "unused";
}

/** Special tokens of new SentencePiece vocabularies, in the order of ids. */
export const SENTENCE_PIECE_SPECIAL: Readonly<Record<SpecialRole, string>> = {
  padding: "<pad>",
  unknown: "<unk>",
  start: "<s>",
  end: "</s>",
  mask: "<mask>",
};

/** How a new SentencePiece tokenizer reads a text. */
export const sentencePieceSettings = {
  /** `nmtNfkc` is SentencePiece's default: compatibility forms, no control characters. */
  normalization: z.enum(["nmtNfkc", "none"]).default("nmtNfkc"),
  lowercase: z.boolean().default(false),
  /** Whether a text gets a space in front, so that a word has the same tokens everywhere. */
  prefixSpace: z.boolean().default(true),
  /** Whether runs of spaces count as one, and those at the ends not at all. */
  removeExtraSpaces: z.boolean().default(true),
};
const textSchema = z.strictObject({
  ...sentencePieceSettings,
  /** SentencePiece's own table of characters in base64, in place of `normalization`. */
  characterMap: z.string().optional(),
  /** Special tokens by role. */
  special: specialNamesSchema.default(SENTENCE_PIECE_SPECIAL),
});
export type SentencePieceText = z.input<typeof textSchema>;

/** The sign that stands for a space. */
export const META_SPACE = "▁";

const normalizers = (normalization: "nmtNfkc" | "none", characterMap: string | undefined): ComponentJson[] => {
  if (characterMap !== undefined)
    return characterMap === "" ? [] : [{ type: "Precompiled", precompiled_charsmap: characterMap }];
  return normalization === "nmtNfkc" ? [{ type: "Nmt" }, { type: "NFKC" }] : [];
};

/** How a SentencePiece tokenizer reads a text. */
export function sentencePieceParts(text: SentencePieceText): {
  readonly normalizer: ComponentJson;
  readonly preTokenizer: ComponentJson;
  readonly special: SpecialNames;
  readonly prefixSpace: boolean;
} {
  const { normalization, lowercase, prefixSpace, removeExtraSpaces, characterMap, special } = given(textSchema, text);
  const spaces = [
    { type: "Replace", pattern: { Regex: " {2,}" }, content: " " },
    { type: "Strip", strip_left: true, strip_right: true },
  ];
  const steps = [
    ...normalizers(normalization, characterMap),
    ...(lowercase ? [{ type: "Lowercase" }] : []),
    ...(removeExtraSpaces ? spaces : []),
  ];
  return {
    normalizer: { type: "Sequence", normalizers: steps },
    preTokenizer: {
      type: "Metaspace",
      replacement: META_SPACE,
      prepend_scheme: prefixSpace ? "always" : "never",
      split: true,
    },
    special,
    prefixSpace,
  };
}

/** All pairs of pieces that make a piece, best made piece first: what SentencePiece's BPE joins by score. */
function mergesOf(pieces: readonly SentencePiece[]): [string, string][] {
  const score = new Map(pieces.filter(({ type }) => type === "normal").map((each) => [each.piece, each.score]));
  const merges: { readonly pair: [string, string]; readonly score: number; readonly at: number }[] = [];
  for (const [piece, made] of score) {
    const characters = Array.from(piece);
    for (let cut = 1; cut < characters.length; cut++) {
      const pair: [string, string] = [characters.slice(0, cut).join(""), characters.slice(cut).join("")];
      if (score.has(pair[0]) && score.has(pair[1])) merges.push({ pair, score: made, at: merges.length });
    }
  }
  return merges.toSorted((a, b) => b.score - a.score || a.at - b.at).map(({ pair }) => pair);
}

/** Pieces with their scores; what a user defined is more likely than any other way to write it. */
function scored(pieces: readonly SentencePiece[]): [piece: string, score: number][] {
  const normal = pieces.filter(({ type }) => type === "normal");
  const best = normal.reduce((most, { score }) => Math.max(most, score), -Infinity);
  return pieces.map(({ piece, score, type }) => [
    piece,
    type === "userDefined" ? Array.from(piece).length * best - 0.1 : score,
  ]);
}

/**
 * A SentencePiece model: google/sentencepiece. Characters that it does not have become the tokens of their bytes where the
 * model has those.
 *
 * @param pieces in the order of ids
 * @throws VesaliusError `bad-file` for a model without an unknown piece, or with what is not implemented
 */
export function sentencePieceFile(
  algorithm: "bpe" | "unigram",
  pieces: readonly SentencePiece[],
  text: SentencePieceText = {},
): TokenizerFile {
  const { normalizer, preTokenizer, special, prefixSpace } = sentencePieceParts(text);
  const unknown = pieces.findIndex(({ type }) => type === "unknown");
  if (unknown < 0) throw new VesaliusError("bad-file", "the SentencePiece model has no unknown piece");
  const tokens = pieces.map(({ piece }) => piece);
  if (algorithm === "bpe" && pieces.some(({ type }) => type === "userDefined"))
    throw new VesaliusError("bad-file", "pieces that a user defined are not implemented in BPE models", {
      fix: "give tokenizer.json",
    });
  const byteFallback = pieces.some(({ type }) => type === "byte");
  const common = { byte_fallback: byteFallback };
  return tokenizerFile({
    tokens,
    special,
    normalizer,
    preTokenizer,
    decoder: {
      type: "Sequence",
      decoders: [
        // SentencePiece writes an unknown piece as a double question mark between spaces.
        { type: "Replace", pattern: { String: tokens[unknown]! }, content: " ⁇ " },
        { type: "Replace", pattern: { String: META_SPACE }, content: " " },
        ...(byteFallback ? [{ type: "ByteFallback" }] : []),
        { type: "Fuse" },
        ...(prefixSpace ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : []),
      ],
    },
    model:
      algorithm === "unigram"
        ? { type: "Unigram", unk_id: unknown, ...common, vocab: scored(pieces) }
        : {
            type: "BPE",
            dropout: null,
            unk_token: tokens[unknown],
            continuing_subword_prefix: null,
            end_of_word_suffix: null,
            fuse_unk: true,
            ...common,
            ignore_merges: false,
            vocab: vocabularyJson(tokens),
            merges: mergesOf(pieces),
          },
  });
}
