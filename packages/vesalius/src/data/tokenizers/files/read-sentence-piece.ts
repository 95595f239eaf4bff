import { createTokenizer } from "../create-tokenizer.ts";
import { sentencePieceFile } from "../kinds/sentence-piece.ts";
import type { Tokenizer } from "../tokenizer.ts";
import type { SpecialNames } from "../tokenizer-file.ts";
import { readSentencePieceModel } from "./sentence-piece-model.ts";

const NAMES = { padding: "<pad>", start: "<s>", end: "</s>", mask: "<mask>" } as const;

/**
 * Makes a tokenizer of a model file of SentencePiece (`spiece.model`, `tokenizer.model`): Unigram or BPE, with its own
 * table of characters.
 *
 * @param options.special special tokens by role; by default the control pieces with the usual names, of which start and end
 * are put around a text. T5 has no start; for LLaMA, name all but the end
 * @throws VesaliusError `bad-file` for a file that is cut short or no such model, and for what is not implemented
 */
export function readSentencePiece(
  bytes: Uint8Array,
  options: { readonly special?: SpecialNames; readonly where?: string } = {},
): Tokenizer {
  const { algorithm, pieces, ...text } = readSentencePieceModel(bytes, options.where);
  const control = new Set(pieces.filter(({ type }) => type === "control").map(({ piece }) => piece));
  const unknown = pieces.find(({ type }) => type === "unknown")?.piece;
  const usual = Object.fromEntries(Object.entries(NAMES).filter(([, name]) => control.has(name)));
  const special = options.special ?? { ...usual, ...(unknown === undefined ? {} : { unknown }) };
  return createTokenizer(sentencePieceFile(algorithm, pieces, { ...text, special }), options.where ?? "spiece.model");
}
