import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { byteToken, utf8 } from "../bytes.ts";
import { component } from "../component.ts";
import { type Vocabulary, vocabularyOf } from "../vocabulary.ts";
import { Merges, type Symbols } from "./merges.ts";
import { type Reserved, type Segmentation, type TokenizerModel, wholePiece } from "./model.ts";

/** Settings of byte pair encoding beside vocabulary and merges. */
export interface BpeSettings {
  readonly unknown: string | undefined;
  /** In front of every token that does not begin a word. */
  readonly prefix: string;
  /** Behind every token that ends a word: `</w>`. */
  readonly suffix: string;
  /** Whether neighbouring unknown characters are one token. */
  readonly fuseUnknown: boolean;
  /** Whether unknown characters become the tokens of their bytes. */
  readonly byteFallback: boolean;
  /** Whether a piece that is a token needs no merges. */
  readonly ignoreMerges: boolean;
  readonly reserved: Reserved;
}

/** Unknown characters take part in no merge. */
const UNKNOWN = -1;

/**
 * Byte pair encoding (Sennrich et al. 2016): a piece as characters, whose neighbours are joined in the order in which the
 * joins were learned.
 */
export function bpeModel(vocabulary: Vocabulary, merges: Merges, settings: BpeSettings): TokenizerModel {
  const { ids: known } = vocabulary;
  const { prefix, suffix } = settings;
  const unknownId = settings.unknown === undefined ? undefined : known.get(settings.unknown);

  /** Undefined where a character cannot be written. */
  const symbolsOf = (piece: string): Symbols | undefined => {
    const symbols: Symbols = { ids: [], starts: [], ends: [] };
    const push = (id: number, start: number, end: number): void => {
      symbols.ids.push(id);
      symbols.starts.push(start);
      symbols.ends.push(end);
    };
    let at = 0;
    for (const character of piece) {
      const end = at + character.length;
      const id = known.get((at === 0 ? "" : prefix) + character + (end === piece.length ? suffix : ""));
      const bytes =
        id === undefined && settings.byteFallback ? [...utf8(character)].map((byte) => known.get(byteToken(byte))) : [];
      if (id !== undefined) push(id, at, end);
      else if (bytes.length > 0 && !bytes.includes(undefined)) for (const byte of bytes) push(byte!, at, end);
      else if (unknownId === undefined) return undefined;
      else if (settings.fuseUnknown && symbols.ids.at(-1) === UNKNOWN) symbols.ends[symbols.ends.length - 1] = end;
      else push(UNKNOWN, at, end);
      at = end;
    }
    return symbols;
  };

  return {
    kind: "bpe",
    vocabulary,
    unknown: settings.unknown,
    tokenize: (piece): Segmentation | undefined => {
      const whole = settings.ignoreMerges && !settings.reserved.has(piece) ? known.get(piece) : undefined;
      if (whole !== undefined) return wholePiece(piece, whole, piece);
      const symbols = symbolsOf(piece);
      if (symbols === undefined) return undefined;
      const { ids, starts, ends } = merges.apply(symbols);
      const found = ids.map((id) => (id === UNKNOWN ? unknownId! : id));
      return { ids: found, tokens: found.map((id) => vocabulary.tokens[id]!), starts, ends };
    },
  };
}

const pairSchema = z.union([z.string(), z.tuple([z.string(), z.string()])]);

/** Merges as pairs; as text, the halves are parted by a space. */
export function mergePairs(
  merges: readonly z.output<typeof pairSchema>[],
  where: string,
): (readonly [left: string, right: string])[] {
  return merges.map((merge, rank) => {
    if (typeof merge !== "string") return merge;
    const halves = merge.split(" ");
    if (halves.length !== 2 || halves.includes(""))
      throw new VesaliusError("bad-file", `merge ${rank + 1} is no pair of tokens`, { where });
    return [halves[0]!, halves[1]!];
  });
}

/** `model` of `tokenizer.json` with type BPE. */
export const bpe = component({
  type: "BPE",
  settings: z.object({
    vocab: z.unknown(),
    merges: z.array(pairSchema).max(4_000_000),
    dropout: z.literal(0, "dropout of merges is random and not implemented").nullish(),
    unk_token: z.string().nullish(),
    continuing_subword_prefix: z.string().nullish(),
    end_of_word_suffix: z.string().nullish(),
    fuse_unk: z.boolean().default(false),
    byte_fallback: z.boolean().default(false),
    ignore_merges: z.boolean().default(false),
  }),
  create: (settings, where, reserved: Reserved) => {
    const vocabulary = vocabularyOf(settings.vocab, where);
    const prefix = settings.continuing_subword_prefix ?? "";
    return bpeModel(vocabulary, new Merges(vocabulary, mergePairs(settings.merges, where), prefix, where), {
      unknown: settings.unk_token ?? undefined,
      prefix,
      suffix: settings.end_of_word_suffix ?? "",
      fuseUnknown: settings.fuse_unk,
      byteFallback: settings.byte_fallback,
      ignoreMerges: settings.ignore_merges,
      reserved,
    });
  },
});
