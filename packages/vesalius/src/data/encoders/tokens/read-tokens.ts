import { VesaliusError } from "../../../common/errors.ts";
import { createTokenizer } from "../../tokenizers/create-tokenizer.ts";
import { encodeToLength } from "../../tokenizers/encode-pair.ts";
import type { Encoding, Tokenizer } from "../../tokenizers/tokenizer.ts";
import { documentEncoder } from "./documents.ts";
import { behindPlaces } from "./places-in-front.ts";
import { requireTokenizer, type TokensSettings } from "./settings.ts";
import { featureCount, featureLookup } from "./word-features.ts";

/** What transforms and objectives know of the table of tokens. */
export interface TokenTable {
  /** One more than the largest id. */
  readonly size: number;
  readonly padding: number;
  readonly unknown: number | undefined;
  readonly mask: number | undefined;
  /** Ids of tokens that stand for something in a text: neither special nor unknown. */
  readonly ordinary: Int32Array;
  /** `[size]` 1 for the ids in `ordinary`. */
  readonly isOrdinary: Uint8Array;
  /** Features that every token carries. */
  readonly features: number;
}

/** One input as tokens. All arrays are as long as `ids`, or a multiple. Not to be written to. */
export interface PreparedTokens {
  readonly ids: Int32Array;
  /** Which whole word a token belongs to, counted through both texts of a pair; -1 for tokens around the texts. */
  readonly wordIds: Int32Array;
  /** 0 for the first text, 1 for the second; -1 for tokens around them. */
  readonly sequenceIds: Int32Array;
  readonly segments: Int32Array;
  /** Two numbers a token, `[start, end)` in UTF-16 units of its text. */
  readonly offsets: Int32Array;
  /** `[tokens, features]` rows of the table of features. */
  readonly features: Int32Array;
  /** Tokens that were cut off. */
  readonly cut: number;
  readonly table: TokenTable;
}

/** Reads texts as tokens. */
export interface TokenReader {
  readonly tokenizer: Tokenizer;
  readonly table: TokenTable;
  /** Most tokens of an input. */
  readonly limit: number;
  /**
   * One text, or the two of a pair.
   *
   * @throws VesaliusError `bad-data` for a text without any token, or with too many where it may not be cut
   */
  read(texts: readonly string[]): PreparedTokens;
}

/** Where each whole word of a text begins and ends. */
export function wordBounds({ wordIds, offsets }: Pick<Encoding, "wordIds" | "offsets">): {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
} {
  const count = wordIds.reduce((most, word) => Math.max(most, word + 1), 0);
  const starts = new Int32Array(count).fill(-1);
  const ends = new Int32Array(count);
  wordIds.forEach((word, token) => {
    if (word < 0) return;
    const start = offsets[2 * token]!;
    starts[word] = starts[word]! < 0 ? start : Math.min(starts[word]!, start);
    ends[word] = Math.max(ends[word]!, offsets[2 * token + 1]!);
  });
  return { starts, ends };
}

/** Whole words of tokens, in order: the place of the first token of each, and where the word stands in its text. */
export interface WordPlaces {
  /** `[words]` places of first tokens. */
  readonly tokens: Int32Array;
  /** `[words]` UTF-16 offsets. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * Whole words of one text, as far as it was not cut: what labels of tokens are labels of.
 *
 * @example
 * const words = wordPlaces(tokenReader(spec).read([text]));
 */
export function wordPlaces(prepared: PreparedTokens): WordPlaces {
  const { wordIds } = prepared;
  const first: number[] = [];
  wordIds.forEach((word, token) => {
    if (word >= 0 && word !== wordIds[token - 1]) first.push(token);
  });
  const tokens = Int32Array.from(first);
  const { starts, ends } = wordBounds(prepared);
  const of = (bounds: Int32Array): Int32Array => tokens.map((token) => bounds[wordIds[token]!]!);
  return { tokens, starts: of(starts), ends: of(ends) };
}

function tableOf(tokenizer: Tokenizer, features: number): TokenTable {
  const { special, vocabulary } = tokenizer;
  const added = new Set(
    tokenizer
      .toJson()
      .tokenizer.added_tokens.filter((token) => token.special)
      .map(({ id }) => id),
  );
  for (const id of Object.values(special)) if (id !== undefined) added.add(id);
  const isOrdinary = Uint8Array.from(vocabulary, (token, id) => Number(token !== "" && !added.has(id)));
  return {
    size: vocabulary.length,
    // The mask says which places are padding, so that any token can stand there where the tokenizer names none.
    padding: special.padding ?? special.end ?? 0,
    unknown: special.unknown,
    mask: special.mask,
    ordinary: Int32Array.from(vocabulary.keys()).filter((id) => isOrdinary[id] === 1),
    isOrdinary,
    features,
  };
}

/**
 * Makes what reads texts as tokens: at most `maximumLength` (the last of `lengths` where they are given), special tokens
 * written in a text count as text.
 *
 * @throws VesaliusError `bad-configuration` for settings that were not fitted, or lengths that leave no room for a text
 */
export function tokenReader(settings: TokensSettings): TokenReader {
  const { features, overlong, addSpecial, pair, front = 0 } = settings;
  const file = requireTokenizer(settings);
  if (features !== undefined && features.values?.length !== featureCount(features))
    throw new VesaliusError("bad-configuration", "the features of words are not counted yet", {
      fix: "fit the encoder on the training split first (prepare)",
    });
  const tokenizer = createTokenizer(
    addSpecial ? file : { ...file, tokenizer: { ...file.tokenizer, post_processor: null } },
  );
  const encode = documentEncoder(tokenizer, settings.separator);
  const limit = Math.min(settings.maximumLength, settings.lengths?.at(-1) ?? Number.POSITIVE_INFINITY);
  const around = tokenizer.wrapLength(pair);
  if (limit <= around + front)
    throw new VesaliusError(
      "bad-configuration",
      `${limit} tokens leave no room beside ${around + front} special ones`,
      {
        fix: "raise maximumLength or lengths of the tokens",
      },
    );
  const rowsOf = features === undefined ? undefined : featureLookup(features);
  const table = tableOf(tokenizer, features === undefined ? 0 : featureCount(features));
  const truncation = overlong === "refuse" ? "refuse" : "longestFirst";
  return {
    tokenizer,
    table,
    limit,
    read(texts) {
      const [first, second] = texts.map((text) => encode(text));
      const whole = encodeToLength(tokenizer, first!, second, { length: limit - front, truncation });
      const { ids, wordIds, sequenceIds, typeIds, offsets } = whole;
      if (ids.length === 0)
        throw new VesaliusError("bad-data", "a text has no token", {
          fix: "leave the example out, or let special tokens be put around texts (addSpecial)",
        });
      const words = [first!, ...(second === undefined ? [] : [second])].map((encoding) => wordBounds(encoding));
      const firstWords = words[0]!.starts.length;
      const rows = new Int32Array(ids.length * table.features);
      if (rowsOf !== undefined)
        wordIds.forEach((word, token) => {
          if (word < 0) return;
          const sequence = sequenceIds[token]!;
          const { starts, ends } = words[sequence]!;
          rows.set(rowsOf(texts[sequence]!.slice(starts[word], ends[word])), token * table.features);
        });
      return {
        ids: behindPlaces(front, ids, table.padding),
        wordIds: behindPlaces(
          front,
          wordIds.map((word, token) => (word >= 0 && sequenceIds[token] === 1 ? word + firstWords : word)),
          -1,
        ),
        sequenceIds: behindPlaces(front, sequenceIds, -1),
        segments: behindPlaces(front, typeIds, 0),
        offsets: behindPlaces(front, offsets, 0, 2),
        features: behindPlaces(front, rows, 0, table.features),
        cut: first!.ids.length + (second?.ids.length ?? 0) + around - ids.length,
        table,
      };
    },
  };
}
