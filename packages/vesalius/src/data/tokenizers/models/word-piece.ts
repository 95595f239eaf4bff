import { z } from "zod";
import { component } from "../component.ts";
import { type Vocabulary, vocabularyOf } from "../vocabulary.ts";
import { type Reserved, type Segmentation, type TokenizerModel, wholePiece } from "./model.ts";

/** Settings of WordPiece beside its vocabulary. */
export interface WordPieceSettings {
  readonly unknown: string;
  /** In front of every token that does not begin a word: `##`. */
  readonly prefix: string;
  /** Longer words, in characters, become the unknown token. */
  readonly maximumCharacters: number;
  readonly reserved: Reserved;
}

const longestToken = ({ tokens }: Vocabulary): number =>
  tokens.reduce((longest, token) => Math.max(longest, token.length), 0);

/**
 * WordPiece: the longest token that begins the word, then the longest that goes on, to the end; a word that cannot be
 * written so is one unknown token. google-research/bert `tokenization.py` (WordpieceTokenizer).
 */
export function wordPieceModel(vocabulary: Vocabulary, settings: WordPieceSettings): TokenizerModel {
  const { ids: known } = vocabulary;
  const longest = longestToken(vocabulary);
  const unknownId = known.get(settings.unknown);
  const characters = (word: string): number =>
    word.length <= settings.maximumCharacters ? word.length : Array.from(word).length;
  const pieces = (word: string): Segmentation | undefined => {
    const found = { ids: [] as number[], tokens: [] as string[], starts: [] as number[], ends: [] as number[] };
    for (let start = 0; start < word.length;) {
      const prefix = start === 0 ? "" : settings.prefix;
      let end = Math.min(word.length, start + longest - prefix.length);
      let id: number | undefined;
      let token = "";
      for (; end > start; end--) {
        token = prefix + word.slice(start, end);
        id = settings.reserved.has(token) ? undefined : known.get(token);
        if (id !== undefined) break;
      }
      if (id === undefined) return undefined;
      found.ids.push(id);
      found.tokens.push(token);
      found.starts.push(start);
      found.ends.push(end);
      start = end;
    }
    return found;
  };
  return {
    kind: "wordPiece",
    vocabulary,
    unknown: settings.unknown,
    tokenize: (word) => {
      const found = characters(word) > settings.maximumCharacters ? undefined : pieces(word);
      return found ?? (unknownId === undefined ? undefined : wholePiece(word, unknownId, settings.unknown));
    },
  };
}

/** `model` of `tokenizer.json` with type WordPiece. */
export const wordPiece = component({
  type: "WordPiece",
  settings: z.object({
    vocab: z.unknown(),
    unk_token: z.string().default("[UNK]"),
    continuing_subword_prefix: z.string().default("##"),
    max_input_chars_per_word: z.int().positive().default(100),
  }),
  create: (settings, where, reserved: Reserved) =>
    wordPieceModel(vocabularyOf(settings.vocab, where), {
      unknown: settings.unk_token,
      prefix: settings.continuing_subword_prefix,
      maximumCharacters: settings.max_input_chars_per_word,
      reserved,
    }),
});
