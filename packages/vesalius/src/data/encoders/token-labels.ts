import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Span, SpansColumn } from "../columns/spans.ts";
import { encoderEntry } from "./encoder.ts";
import { fitTokens } from "./tokens/fit-tokens.ts";
import { tokenReader, type WordPlaces, wordPlaces } from "./tokens/read-tokens.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { TEXT_KINDS } from "./tokens.ts";

/** Stands for places that are not labelled: later tokens of a word, special tokens, padding. */
const UNLABELLED = -1;

const settingsSchema = z.strictObject({
  /** The tokens that are labelled. */
  of: tokensSpecSchema,
  /** Types of span, in the order of the classes; those of the training data where they are left out. */
  types: z.array(z.string().min(1)).min(1).optional(),
});

/** Labels of the tokens of one text. */
interface PreparedLabels {
  /** `[tokens]` */
  readonly labels: Int32Array;
  readonly counts: Readonly<Record<string, number>>;
}

/** Outer spans before those inside them. */
const byPlace = (a: Span, b: Span): number => a.start - b.start || b.end - a.end;

/** Labels words, and says which spans the labels cannot hold. */
function labelWords(
  spans: readonly Span[],
  { tokens, starts, ends }: WordPlaces,
  types: readonly string[],
  labels: Int32Array,
): Readonly<Record<string, number>> {
  const counts = { spans: spans.length, misalignedSpans: 0, overlappingSpans: 0, unseenSpans: 0 };
  for (const { start, end, type } of spans.toSorted(byPlace)) {
    const typeIndex = types.indexOf(type);
    if (typeIndex < 0)
      throw new VesaliusError("bad-data", "a span has a type that the labels do not know", {
        fix: `the types are ${types.join(", ")}; leave others out of the data`,
      });
    const first = starts.findIndex((_, word) => ends[word]! > start && starts[word]! < end);
    let last = first;
    while (last + 1 < starts.length && starts[last + 1]! < end) last++;
    if (first < 0) counts.unseenSpans++;
    else if (tokens.subarray(first, last + 1).some((token) => labels[token]! > 0)) counts.overlappingSpans++;
    else {
      if (starts[first] !== start || ends[last] !== end) counts.misalignedSpans++;
      for (let word = first; word <= last; word++) labels[tokens[word]!] = (word === first ? 1 : 2) + 2 * typeIndex;
    }
  }
  return counts;
}

/**
 * Spans of a text as labels of its tokens, `labels` int32 `[rows, length]` of the same length as the tokens: 0 outside,
 * 1 + 2t begin of type t, 2 + 2t inside of type t (IOB2, Ramshaw and Marcus 1995) on the first token of each whole word,
 * -1 elsewhere. Labels are of whole words: a span that ends inside one is counted as `misalignedSpans`, one that shares a
 * word with a span before it as `overlappingSpans`, one that lies beyond the last token or in white space as
 * `unseenSpans`.
 */
export const tokenLabels = encoderEntry({
  name: "tokenLabels",
  summary: "Spans of a text as labels of the first token of each word.",
  paper: "Ramshaw and Marcus 1995, Text Chunking using Transformation-Based Learning",
  settings: settingsSchema,
  create({ of, types }) {
    if (of.pair || types === undefined)
      throw new VesaliusError(
        "bad-configuration",
        of.pair ? "the tokens of a pair have no spans" : "the types of span are not known yet",
        { fix: of.pair ? "label the tokens of one text" : "give types, or fit the encoder on the training split" },
      );
    const reader = tokenReader(of);
    const lengthOf = (prepared: unknown): number => (prepared as PreparedLabels).labels.length;
    return {
      reads: [TEXT_KINDS, ["spans"]],
      inputs: (rows, length) => ({ labels: { dtype: "int32", shape: [rows, length] } }),
      extent: ([prepared]) => lengthOf(prepared),
      largestExtent: reader.limit,
      ...(of.lengths === undefined ? {} : { extents: of.lengths }),
      prepare([text, spans]) {
        const beyond = (spans as readonly Span[]).find(({ end }) => end > (text as string).length);
        if (beyond !== undefined)
          throw new VesaliusError("bad-data", "a span ends behind its text", {
            where: `characters ${beyond.start} to ${beyond.end} of ${(text as string).length}`,
            fix: "give offsets into the text as it is stored, in UTF-16 units",
          });
        const prepared = reader.read([text as string]);
        const words = wordPlaces(prepared);
        const labels = new Int32Array(prepared.ids.length).fill(UNLABELLED);
        for (const token of words.tokens) labels[token] = 0;
        const counts = labelWords(spans as readonly Span[], words, types, labels);
        return [{ labels, counts } satisfies PreparedLabels];
      },
      counts: ([prepared]) => (prepared as PreparedLabels).counts,
      encode(examples, { labels: into }, { extent }) {
        into!.fill(UNLABELLED);
        examples.forEach((values, row) => {
          if (values !== null) into!.set((values[0] as PreparedLabels).labels, row * extent);
        });
      },
    };
  },
  async fit(given, columns, context) {
    const [text, spans] = columns;
    return {
      of: { ...(await fitTokens(given.of, [text!], context)), name: "tokens" as const },
      types: given.types ?? [...(spans as SpansColumn).types],
    };
  },
});
