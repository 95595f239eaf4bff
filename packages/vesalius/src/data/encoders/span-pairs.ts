import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { candidatePairs, type CandidatePair } from "../columns/candidate-pairs.ts";
import type { Relation } from "../columns/relations.ts";
import type { Span } from "../columns/spans.ts";
import { encoderEntry } from "./encoder.ts";
import { type PreparedTokens, tokenReader } from "./tokens/read-tokens.ts";
import { tokensOfPiece } from "./tokens/tokens-of-piece.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { TEXT_KINDS } from "./tokens.ts";

const settingsSchema = z.strictObject({
  /** The tokens of the text. */
  of: tokensSpecSchema,
  /** Types of head and tail that may make a pair. */
  signatures: z.array(z.tuple([z.string(), z.string()])).min(1),
  /** Pairs of a text at most, the nearest first. */
  pairs: z.int().positive().max(4096),
});

/** Places in a text of the tokens of one pair, and how it is known: `[head first, head last, tail first, tail last]`. */
interface PlacedPair extends CandidatePair {
  readonly places: readonly number[];
  readonly signature: number;
}

/** The pairs of a text as `spanPairs` prepares them. */
export interface PreparedPairs {
  /** Those that are read, in the order of the inputs. */
  readonly placed: readonly PlacedPair[];
  /** How many there are, and of how many a piece was cut off. */
  readonly all: number;
  readonly unseen: number;
}

/** The pairs that are read of a text, of all that there are. */
function placedPairs(
  text: string,
  spans: readonly Span[],
  read: PreparedTokens,
  { signatures, pairs: most }: z.output<typeof settingsSchema>,
): PreparedPairs {
  const beyond = spans.find(({ end }) => end > text.length);
  if (beyond !== undefined)
    throw new VesaliusError("bad-data", "a span ends behind its text", {
      where: `characters ${beyond.start} to ${beyond.end} of ${text.length}`,
      fix: "give offsets into the text as it is stored, in UTF-16 units",
    });
  const all = candidatePairs(spans, signatures);
  const seen = all.flatMap(({ head, tail }): PlacedPair[] => {
    const [from, to] = [tokensOfPiece(read, head, 0), tokensOfPiece(read, tail, 0)];
    if (from === undefined || to === undefined) return [];
    const signature = signatures.findIndex(([a, b]) => a === head.type && b === tail.type);
    return [{ head, tail, places: [...from, ...to], signature }];
  });
  return { placed: seen.slice(0, most), all: all.length, unseen: all.length - seen.length };
}

/**
 * Pairs of marked pieces of a text as places of their tokens: `places` int32 `[rows, pairs, 4]` (first and last token of
 * head and tail) and `signatures` int32 `[rows, pairs]`, which types the pair has. Rows of absent pairs are 0. Pairs beyond
 * the limit are counted as `pairsLeftOut`, those of pieces that were cut off as `unseenPairs`.
 */
export const spanPairs = encoderEntry({
  name: "spanPairs",
  summary: "Pairs of marked pieces of a text, as places of their tokens.",
  settings: settingsSchema,
  create(settings) {
    const { of, pairs: most } = settings;
    const reader = tokenReader(of);
    return {
      reads: [TEXT_KINDS, ["spans"]],
      inputs: (rows) => ({
        places: { dtype: "int32", shape: [rows, most, 4] },
        signatures: { dtype: "int32", shape: [rows, most] },
      }),
      prepare: ([text, spans]) => [
        placedPairs(text as string, spans as readonly Span[], reader.read([text as string]), settings),
      ],
      counts([prepared]) {
        const { placed, all, unseen } = prepared as PreparedPairs;
        return { pairs: all, unseenPairs: unseen, pairsLeftOut: all - unseen - placed.length };
      },
      encode(examples, { places, signatures }) {
        examples.forEach((values, row) => {
          if (values === null) return;
          (values[0] as PreparedPairs).placed.forEach((pair, i) => {
            places!.set(pair.places, 4 * (row * most + i));
            signatures![row * most + i] = pair.signature;
          });
        });
      },
    };
  },
});

const keyOf = ({ head, tail }: CandidatePair): string =>
  [head.start, head.end, head.type, tail.start, tail.end, tail.type].join(" ");

/**
 * Relations between the pairs of `spanPairs`: `labels` int32 `[rows, pairs]`, 0 for a pair without one, 1 + t for type t, -1
 * where there is no pair. Relations of no pair that is read are counted as `unseenRelations`, a second one between the same
 * pieces as `furtherRelations`.
 */
export const pairRelations = encoderEntry({
  name: "pairRelations",
  summary: "Relations between the pairs of marked pieces of a text, as classes of the pairs.",
  settings: settingsSchema.extend({
    /** Types of relation, in the order of the classes. */
    types: z.array(z.string()).min(1),
  }),
  create({ types, ...settings }) {
    const reader = tokenReader(settings.of);
    const most = settings.pairs;
    return {
      reads: [TEXT_KINDS, ["spans"], ["relations"]],
      inputs: (rows) => ({ labels: { dtype: "int32", shape: [rows, most] } }),
      prepare([text, spans, relations]) {
        const read = reader.read([text as string]);
        const { placed } = placedPairs(text as string, spans as readonly Span[], read, settings);
        const labels = new Map(placed.map((pair) => [keyOf(pair), 0]));
        const counts = { relations: 0, unseenRelations: 0, furtherRelations: 0 };
        for (const relation of relations as readonly Relation[]) {
          const [key, type] = [keyOf(relation), types.indexOf(relation.type)];
          if (type < 0)
            throw new VesaliusError("bad-data", "a relation has a type that the labels do not know", {
              fix: `the types are ${types.join(", ")}; leave others out of the data`,
            });
          const before = labels.get(key);
          counts.relations++;
          if (before === undefined) counts.unseenRelations++;
          else if (before > 0) counts.furtherRelations++;
          else labels.set(key, 1 + type);
        }
        return [{ labels: placed.map((pair) => labels.get(keyOf(pair))!), counts }];
      },
      counts: ([prepared]) => (prepared as { readonly counts: Readonly<Record<string, number>> }).counts,
      encode(examples, { labels: into }) {
        into!.fill(-1);
        examples.forEach((values, row) => {
          if (values !== null) into!.set((values[0] as { readonly labels: readonly number[] }).labels, row * most);
        });
      },
    };
  },
});
