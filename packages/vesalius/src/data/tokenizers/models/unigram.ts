import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { BYTE_TOKEN, byteToken, utf8 } from "../bytes.ts";
import { component } from "../component.ts";
import { Trie } from "../trie.ts";
import { MAXIMUM_VOCABULARY, type Vocabulary } from "../vocabulary.ts";
import type { Reserved, Segmentation, TokenizerModel } from "./model.ts";

/** How much less likely than the least likely piece an unknown character is, as a logarithm. */
const UNKNOWN_PENALTY = 10;

/** Settings of Unigram beside its pieces. */
export interface UnigramSettings {
  readonly unknownId: number | undefined;
  readonly byteFallback: boolean;
  readonly reserved: Reserved;
}

/**
 * The most likely segmentation under independent pieces (Kudo 2018), by the Viterbi algorithm; neighbouring unknown
 * characters are one token, which keeps their text. google/sentencepiece `src/unigram_model.cc`.
 *
 * @param scores log probabilities by id
 */
export function unigramModel(
  vocabulary: Vocabulary,
  scores: readonly number[],
  { unknownId, byteFallback, reserved }: UnigramSettings,
): TokenizerModel {
  const isText = (token: string): boolean =>
    token !== "" && !reserved.has(token) && !(byteFallback && BYTE_TOKEN.test(token));
  const trie = new Trie([...vocabulary.ids].filter(([token]) => isText(token)));
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;
  const unknown = unknownId === undefined ? undefined : vocabulary.tokens[unknownId]!;

  /** Ends of the best pieces, `[start of the piece, id]` by end; -1 for unknown characters. */
  const viterbi = (piece: string): readonly (readonly [start: number, id: number])[] => {
    const best = new Float64Array(piece.length + 1).fill(-Infinity);
    const starts = new Int32Array(piece.length + 1);
    const ids = new Int32Array(piece.length + 1).fill(-1);
    best[0] = 0;
    for (let at = 0; at < piece.length;) {
      const next = at + (piece.codePointAt(at)! > 0xffff ? 2 : 1);
      let single = false;
      const offer = (end: number, id: number, score: number): void => {
        const candidate = best[at]! + score;
        if (candidate > best[end]!) {
          best[end] = candidate;
          starts[end] = at;
          ids[end] = id;
        }
      };
      const start = at;
      trie.prefixes(piece, start, (end, id) => {
        single ||= end === next;
        offer(end, id, scores[id]!);
      });
      if (!single) offer(next, -1, unknownScore);
      at = next;
    }
    const path: [start: number, id: number][] = [];
    for (let end = piece.length; end > 0; end = starts[end]!) path.push([starts[end]!, ids[end]!]);
    return path.reverse();
  };

  return {
    kind: "unigram",
    vocabulary,
    unknown,
    tokenize: (piece): Segmentation | undefined => {
      const found = { ids: [] as number[], tokens: [] as string[], starts: [] as number[], ends: [] as number[] };
      const push = (id: number, token: string, start: number, end: number): void => {
        found.ids.push(id);
        found.tokens.push(token);
        found.starts.push(start);
        found.ends.push(end);
      };
      const path = viterbi(piece);
      for (let at = 0; at < path.length; at++) {
        const [start, id] = path[at]!;
        if (id < 0) while (path[at + 1]?.[1] === -1) at++;
        const end = path[at + 1]?.[0] ?? piece.length;
        const text = piece.slice(start, end);
        if (id >= 0) {
          push(id, text, start, end);
          continue;
        }
        const bytes = byteFallback ? byteTokens(text, start, vocabulary) : undefined;
        if (bytes !== undefined) for (const byte of bytes) push(byte.id, byte.token, byte.start, byte.end);
        else if (unknownId === undefined) return undefined;
        else push(unknownId, text, start, end);
      }
      return found;
    },
  };
}

/** Tokens of the bytes of a text; undefined where the vocabulary lacks one. */
function byteTokens(
  text: string,
  from: number,
  { ids }: Vocabulary,
): { readonly id: number; readonly token: string; readonly start: number; readonly end: number }[] | undefined {
  const found = [];
  let start = from;
  for (const character of text) {
    const end = start + character.length;
    for (const byte of utf8(character)) {
      const token = byteToken(byte);
      const id = ids.get(token);
      if (id === undefined) return undefined;
      found.push({ id, token, start, end });
    }
    start = end;
  }
  return found;
}

/** `model` of `tokenizer.json` with type Unigram. */
export const unigram = component({
  type: "Unigram",
  settings: z.object({
    unk_id: z.int().min(0).nullable().default(null),
    vocab: z.array(z.tuple([z.string(), z.number().finite()])).max(MAXIMUM_VOCABULARY),
    byte_fallback: z.boolean().default(false),
  }),
  create: ({ vocab, unk_id, byte_fallback }, where, reserved: Reserved) => {
    const ids = new Map(vocab.map(([token], id) => [token, id]));
    if (ids.size !== vocab.length || vocab.length === 0)
      throw new VesaliusError("bad-file", vocab.length === 0 ? "there is no piece" : "a piece is listed twice", {
        where,
      });
    if (unk_id !== null && unk_id >= vocab.length)
      throw new VesaliusError("bad-file", `the unknown piece ${unk_id} is not among ${vocab.length}`, { where });
    return unigramModel(
      { tokens: vocab.map(([token]) => token), ids },
      vocab.map(([, score]) => score),
      { unknownId: unk_id ?? undefined, byteFallback: byte_fallback, reserved },
    );
  },
});
