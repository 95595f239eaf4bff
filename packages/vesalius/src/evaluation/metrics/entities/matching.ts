import { type EntitySpan, requireSpans } from "./entity-span.ts";

/** How the entities found in a case compare with the true ones. */
export interface MatchCounts {
  /** True entities that were found. */
  readonly hit: number;
  /** Found entities that are none. */
  readonly spurious: number;
  /** True entities that were not found. */
  readonly missed: number;
}

/** Match counts of one case by type; types that neither occur nor were found are absent. */
export type EntityCounts = Readonly<Record<string, MatchCounts>>;

/**
 * When an entity counts as found:
 * - `exact`: start, end and type are the same (CoNLL, seqeval).
 * - `overlap`: the type is the same and the spans share at least one unit; each span is matched with at most one (the
 *   inexact criterion of the i2b2 and n2c2 challenges, Uzuner et al. 2011).
 */
export type EntityMatch = "exact" | "overlap";

const keyOf = ({ start, end }: EntitySpan): string => `${start} ${end}`;

const distinct = (spans: readonly EntitySpan[]): EntitySpan[] => [
  ...new Map(spans.map((span) => [keyOf(span), span])).values(),
];

function exactHits(truth: readonly EntitySpan[], predicted: readonly EntitySpan[]): number {
  const keys = new Set(truth.map(keyOf));
  return predicted.filter((span) => keys.has(keyOf(span))).length;
}

/** Size of a largest one-to-one matching of overlapping spans (augmenting paths, Kuhn 1955). */
function overlapHits(truth: readonly EntitySpan[], predicted: readonly EntitySpan[]): number {
  const matchOfTruth = new Int32Array(truth.length).fill(-1);
  const overlapping = predicted.map((found) =>
    truth.flatMap((span, index) => (span.start < found.end && found.start < span.end ? [index] : [])),
  );
  const augment = (found: number, tried: Set<number>): boolean => {
    for (const index of overlapping[found]!) {
      if (tried.has(index)) continue;
      tried.add(index);
      if (matchOfTruth[index]! < 0 || augment(matchOfTruth[index]!, tried)) {
        matchOfTruth[index] = found;
        return true;
      }
    }
    return false;
  };
  return overlapping.filter((_, found) => augment(found, new Set())).length;
}

/**
 * Counts what was found, invented and missed in one case (a sentence or a document), type by type. A span that is
 * listed twice counts once.
 *
 * @param truth the true entities; they may nest and overlap.
 * @param predicted the entities found, in the same units.
 * @throws VesaliusError `bad-data` for an empty or broken span.
 *
 * @example
 * countEntities([{ start: 0, end: 2, type: "DRUG" }], [{ start: 0, end: 1, type: "DRUG" }], "overlap");
 * // { DRUG: { hit: 1, spurious: 0, missed: 0 } }
 */
export function countEntities(
  truth: readonly EntitySpan[],
  predicted: readonly EntitySpan[],
  match: EntityMatch = "exact",
): EntityCounts {
  requireSpans(truth, "truth");
  requireSpans(predicted, "predicted");
  const types = new Set([...truth, ...predicted].map(({ type }) => type));
  const hits = match === "exact" ? exactHits : overlapHits;
  return Object.fromEntries(
    [...types].map((type) => {
      const ofType = (spans: readonly EntitySpan[]) => distinct(spans.filter((span) => span.type === type));
      const [expected, found] = [ofType(truth), ofType(predicted)];
      const hit = hits(expected, found);
      return [type, { hit, spurious: found.length - hit, missed: expected.length - hit }];
    }),
  );
}
