import type { Span } from "./spans.ts";

/** Types of the two pieces that a relation may join, head first. */
export type PairSignature = readonly [head: string, tail: string];

/** Two marked pieces of a text that a relation may join. */
export interface CandidatePair {
  readonly head: Span;
  readonly tail: Span;
}

/** Characters between two pieces; 0 where they touch or overlap. */
const distance = ({ head, tail }: CandidatePair): number =>
  Math.max(0, Math.max(head.start, tail.start) - Math.min(head.end, tail.end));

const samePlace = (a: Span, b: Span): boolean => a.start === b.start && a.end === b.end;

/**
 * Pairs of the pieces of a text whose types are among given ones, the nearest first; equal distances as they stand in the
 * text. A piece makes no pair with itself.
 *
 * @example
 * candidatePairs([{ start: 0, end: 7, type: "Drug" }, { start: 15, end: 19, type: "Disease" }], [["Drug", "Disease"]]);
 */
export function candidatePairs(spans: readonly Span[], signatures: readonly PairSignature[]): CandidatePair[] {
  const pairs = signatures.flatMap(([headType, tailType]) =>
    spans.flatMap((head) =>
      head.type === headType
        ? spans.flatMap((tail) => (tail.type === tailType && !samePlace(head, tail) ? [{ head, tail }] : []))
        : [],
    ),
  );
  return pairs.sort((a, b) => distance(a) - distance(b) || a.head.start - b.head.start || a.tail.start - b.tail.start);
}
