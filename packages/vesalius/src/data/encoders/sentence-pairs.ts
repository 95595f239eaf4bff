import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { RandomStream } from "../../common/random.ts";
import { wordRanges } from "../steps/texts.ts";
import { encoderEntry } from "./encoder.ts";
import { fitTokens } from "./tokens/fit-tokens.ts";
import { maskTokens } from "./tokens/mask-tokens.ts";
import { type PreparedTokens, type TokenReader, tokenReader } from "./tokens/read-tokens.ts";
import { type TokensSettings, tokensSpecSchema } from "./tokens/settings.ts";
import { tokenInputs, writeTokens } from "./tokens/write-tokens.ts";
import { maskedTokens } from "./masked-tokens.ts";
import { TEXT_KINDS } from "./tokens.ts";

const { maskRatio, unit, spanLength, replace } = maskedTokens.settings.shape;

const settingsSchema = z.strictObject({
  /** The tokens that are learned from, as a pair with special tokens around it. */
  of: tokensSpecSchema,
  /** Whether the wrong second part comes from another example, or is the first part of the same one. */
  wrong: z.enum(["other", "swapped"]).default("other"),
  /** How tokens are hidden in the pair, which is then learned in the same pass; none are where it is left out. */
  masking: z
    .strictObject({ maskRatio, unit, spanLength, replace })
    .refine(({ replace: { mask, random, keep } }) => Math.abs(mask + random + keep - 1) < 1e-9, {
      error: "the shares are 1 together",
      path: ["replace"],
    })
    .optional(),
});

/** A text and where it can be divided, in UTF-16 units. */
interface DividedText {
  readonly text: string;
  readonly places: readonly number[];
  readonly tokens: number;
}

/** Ends of sentences, in any script. */
const SENTENCE_END = /[.!?]["')\]]*\s+|[。！？]\s*/gu;

/** Places where a text can be divided: ends of its sentences, or of its words where it has one sentence. */
function dividesOf(text: string): number[] {
  const isInside = (place: number): boolean => text.slice(0, place).trim() !== "" && text.slice(place).trim() !== "";
  const sentences = Array.from(text.matchAll(SENTENCE_END), ({ 0: end, index }) => index + end.length).filter(isInside);
  if (sentences.length > 0) return sentences;
  return wordRanges(text)
    .slice(1)
    .map(({ start }) => start)
    .filter(isInside);
}

/** Readers by the number of tokens that there is room for. */
function readersOf(of: TokensSettings): (length: number) => TokenReader {
  const known = new Map<number, TokenReader>();
  return (length) => {
    const { lengths: _all, ...rest } = of;
    const reader = known.get(length) ?? tokenReader({ ...rest, maximumLength: length });
    known.set(length, reader);
    return reader;
  };
}

/** The two parts of a text, and whether the second follows the first. */
function drawPair(
  { text, places }: DividedText,
  others: readonly DividedText[],
  wrong: "other" | "swapped",
  random: RandomStream,
): { readonly parts: readonly [string, string]; readonly isWrong: boolean } {
  const place = places[random.integer(places.length)]!;
  const [first, second] = [text.slice(0, place).trimEnd(), text.slice(place)];
  const isWrong = random.uniform() < 0.5 && (wrong === "swapped" || others.length > 0);
  if (!isWrong) return { parts: [first, second], isWrong };
  if (wrong === "swapped") return { parts: [second, first], isWrong };
  const other = others[random.integer(others.length)]!;
  return { parts: [first, other.text.slice(other.places[random.integer(other.places.length)])], isWrong };
}

/**
 * Texts in two parts, of which the second follows the first or does not: from another example of the batch (next sentence
 * prediction, Devlin et al. 2019) or the two in the wrong order (Lan et al. 2020, ALBERT). Inputs are those of a pair of
 * `tokens`, `wrong` int32 `[rows]`, 1 where the second part does not follow, and with `masking` the `labels` of
 * `maskedTokens`. Texts of one word cannot be divided and are refused.
 */
export const sentencePairs = encoderEntry({
  name: "sentencePairs",
  summary: "Texts in two parts, of which the second follows the first or does not.",
  paper:
    "Devlin et al. 2019; Lan et al. 2020, ALBERT: A Lite BERT for Self-supervised Learning of Language Representations",
  settings: settingsSchema,
  create({ of, wrong, masking }) {
    if (!of.pair || !of.addSpecial)
      throw new VesaliusError(
        "bad-configuration",
        "two parts of a text are read as a pair with special tokens around it",
        {
          where: "encoder sentencePairs",
          fix: "read texts as a pair with special tokens (pair: true, addSpecial: true)",
        },
      );
    const reader = tokenReader(of);
    const ofLength = readersOf(of);
    return {
      reads: [TEXT_KINDS],
      extent: ([prepared]) => (prepared as DividedText).tokens,
      largestExtent: reader.limit,
      ...(of.lengths === undefined ? {} : { extents: of.lengths }),
      inputs: (rows, length) => ({
        ...tokenInputs(of, rows, length),
        wrong: { dtype: "int32", shape: [rows] },
        ...(masking === undefined ? {} : { labels: { dtype: "int32", shape: [rows, length] } as const }),
      }),
      prepare([value]) {
        const text = value as string;
        const places = dividesOf(text);
        if (places.length === 0)
          throw new VesaliusError("bad-data", "a text of one word cannot be divided into two parts", {
            fix: "leave such texts out (the step filter, characters)",
          });
        const middle = places[places.length >> 1]!;
        const { ids } = reader.read([text.slice(0, middle), text.slice(middle)]);
        return [{ text, places, tokens: ids.length } satisfies DividedText];
      },
      encode(examples, { wrong: wrongly, labels, ...into }, { extent, random }) {
        labels?.fill(-1);
        const all = examples.map((values) => (values === null ? undefined : (values[0] as DividedText)));
        all.forEach((divided, row) => {
          if (divided === undefined) return;
          const stream = random(row);
          const others = all.filter((other, i): other is DividedText => other !== undefined && i !== row);
          const { parts, isWrong } = drawPair(divided, others, wrong, stream);
          const read: PreparedTokens = ofLength(extent).read(parts);
          wrongly![row] = isWrong ? 1 : 0;
          if (masking === undefined) return writeTokens(read, into, row, extent);
          const masked = maskTokens(read, masking, stream);
          writeTokens(masked.shown, into, row, extent);
          labels!.set(masked.labels, row * extent);
        });
      },
    };
  },
  fit: async (given, columns, context) => ({
    ...given,
    of: { ...(await fitTokens(given.of, columns, context)), name: "tokens" as const },
  }),
});
