import { countEntities, type EntityCounts, type EntitySpan } from "../metrics/entities/index.ts";

/** The entities of a text as they truly are. */
export interface EntityTruth {
  readonly spans: readonly EntitySpan[];
  /** The text itself, for examples in the report; offsets are UTF-16 units of it. */
  readonly text?: string | undefined;
}

/** A stretch of a text with what became of it. */
export interface JudgedSpan extends EntitySpan {
  readonly outcome: "hit" | "missed" | "spurious";
}

/** All that is kept of a text. */
export interface EntityMeasure {
  /** Same start, end and type. */
  readonly exact: EntityCounts;
  /** Same type and at least one character in common. */
  readonly overlap: EntityCounts;
  /** Text with its entities, of texts with a mistake; null for others. */
  readonly example: { readonly text: string; readonly spans: readonly JudgedSpan[] } | null;
}

/** Longer texts are not kept. */
const longestExample = 4000;

const keyOf = ({ start, end, type }: EntitySpan): string => `${start} ${end} ${type}`;

/** True and found entities, each once. */
function judge(truth: readonly EntitySpan[], found: readonly EntitySpan[]): JudgedSpan[] {
  // Whatever else an answer says of an entity is not kept.
  const [ofTruth, ofFound] = [truth, found].map(
    (spans) => new Map(spans.map(({ start, end, type }) => [keyOf({ start, end, type }), { start, end, type }])),
  );
  return [
    ...[...ofTruth!].map(([key, span]) => ({
      ...span,
      outcome: ofFound!.has(key) ? ("hit" as const) : ("missed" as const),
    })),
    ...[...ofFound!].flatMap(([key, span]) => (ofTruth!.has(key) ? [] : [{ ...span, outcome: "spurious" as const }])),
  ];
}

/**
 * Measures one text. Without an answer all its entities are missed.
 *
 * @throws VesaliusError `bad-data` for an empty or broken span
 */
export function measureEntities({ spans, text }: EntityTruth, answer: readonly EntitySpan[] | null): EntityMeasure {
  const found = answer ?? [];
  const judged = judge(spans, found);
  const faulty = judged.some(({ outcome }) => outcome !== "hit");
  return {
    exact: countEntities(spans, found),
    overlap: countEntities(spans, found, "overlap"),
    example: !faulty || text === undefined || text.length > longestExample ? null : { text, spans: judged },
  };
}
