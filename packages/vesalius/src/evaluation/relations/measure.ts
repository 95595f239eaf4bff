import type { EntityCounts, EntitySpan, MatchCounts } from "../metrics/entities/index.ts";

/** A relation between two marked pieces of a text. */
export interface StatedRelation {
  readonly type: string;
  readonly head: EntitySpan;
  readonly tail: EntitySpan;
}

/** The relations of a text as they truly are. */
export interface RelationsTruth {
  readonly relations: readonly StatedRelation[];
  /** Pairs of pieces that a relation may join, each with the type that such pairs have most often in training. */
  readonly candidates: readonly StatedRelation[];
  readonly text: string;
}

/** All that is kept of a text. */
export interface RelationMeasure {
  /** By type of relation. */
  readonly counts: EntityCounts;
  /** The same, were every candidate pair of one sentence stated. */
  readonly coOccurrence: EntityCounts;
  /** Candidate pairs, and those in one sentence. */
  readonly pairs: number;
  readonly together: number;
}

const keyOf = ({ type, head, tail }: StatedRelation): string =>
  [type, head.start, head.end, tail.start, tail.end].join(" ");

/** Counts what was found, invented and missed, type by type; a relation that is listed twice counts once. */
function countRelations(truth: readonly StatedRelation[], stated: readonly StatedRelation[]): EntityCounts {
  const byKey = (relations: readonly StatedRelation[]): Map<string, StatedRelation> =>
    new Map(relations.map((relation) => [keyOf(relation), relation]));
  const [expected, found] = [byKey(truth), byKey(stated)];
  const counts: Record<string, { -readonly [Key in keyof MatchCounts]: number }> = {};
  const of = (type: string) => (counts[type] ??= { hit: 0, spurious: 0, missed: 0 });
  for (const [key, { type }] of expected) of(type)[found.has(key) ? "hit" : "missed"]++;
  for (const [key, { type }] of found) if (!expected.has(key)) of(type).spurious++;
  return counts;
}

/** What ends a sentence between two pieces of a text. */
const sentenceEnd = /[.!?]["')\]]*\s+(?=[\p{Lu}\p{N}"'([])|[。！？\n]/u;

/** Whether two pieces stand in one sentence. */
function together(text: string, { head, tail }: Pick<StatedRelation, "head" | "tail">): boolean {
  const [from, to] = [Math.min(head.end, tail.end), Math.max(head.start, tail.start)];
  return from >= to || !sentenceEnd.test(text.slice(from, to + 1));
}

/** Measures one text. Without an answer all its relations are missed. */
export function measureRelations(
  { relations, candidates, text }: RelationsTruth,
  answer: readonly StatedRelation[] | null,
): RelationMeasure {
  const near = candidates.filter((pair) => together(text, pair));
  return {
    counts: countRelations(relations, answer ?? []),
    coOccurrence: countRelations(relations, near),
    pairs: candidates.length,
    together: near.length,
  };
}
