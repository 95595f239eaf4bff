import { VesaliusError } from "../../../common/errors.ts";
import { codeKey, type MedicalCode, type Timeline } from "../../columns/timelines.ts";
import type { PreparedTokens, TokenTable } from "../tokens/read-tokens.ts";
import { ageRows, requireVocabulary, special, specialTokens, type TimelineSettings } from "./settings.ts";

/** A timeline as tokens. All arrays are as long as `ids`. Not to be written to. */
export interface PreparedTimeline extends PreparedTokens {
  /** Rows of the table of ages. */
  readonly ages: Int32Array;
  /** Number of the visit among those that are shown. */
  readonly positions: Int32Array;
  /** Bins of values, 0 without one. */
  readonly valueBins: Int32Array;
  /** Number of the event in the timeline; -1 for special tokens. */
  readonly eventOf: Int32Array;
  /** Events that are no token: of other categories, repeated in a visit. */
  readonly left: number;
}

const daysOf = { year: 365.25, month: 365.25 / 12 } as const;

/** What is known of a code's token. */
interface KnownCode {
  readonly id: number;
  /** Bounds of the bins of its values by position of the unit, -1 for none. */
  readonly edges: ReadonlyMap<number, readonly number[]>;
}

/** Looks up tokens of the codes of a column, once for each table of codes. */
function codeLookup(settings: TimelineSettings): (timeline: Timeline) => readonly (KnownCode | undefined)[] {
  const { categories, valueEdges = [] } = settings;
  const ids = new Map(requireVocabulary(settings).map((key, i) => [key, i + specialTokens.length]));
  const known = new WeakMap<readonly MedicalCode[], WeakMap<readonly string[], (KnownCode | undefined)[]>>();
  const edgesOf = new Map<string, { unit: string | null; edges: readonly number[] }[]>();
  for (const { code, unit, edges } of valueEdges) edgesOf.set(code, [...(edgesOf.get(code) ?? []), { unit, edges }]);
  return ({ codeTable, unitTable }) => {
    const found = known.get(codeTable)?.get(unitTable);
    if (found !== undefined) return found;
    const made = codeTable.map((code): KnownCode | undefined => {
      if (categories !== undefined && !categories.includes(code.category)) return undefined;
      const key = codeKey(code);
      const edges = new Map(
        (edgesOf.get(key) ?? []).flatMap(({ unit, edges: bounds }) => {
          const at = unit === null ? -1 : unitTable.indexOf(unit);
          return unit !== null && at < 0 ? [] : [[at, bounds] as const];
        }),
      );
      return { id: ids.get(key) ?? special.unknown, edges };
    });
    const byUnits = known.get(codeTable) ?? new WeakMap<readonly string[], (KnownCode | undefined)[]>();
    known.set(codeTable, byUnits.set(unitTable, made));
    return made;
  };
}

/** What tells the visits of events apart; ascending numbers where events are in order. */
function visitKey({ visitDays }: TimelineSettings, { times, visits }: Timeline, event: number): string {
  if (visitDays !== undefined) return `${Math.floor(times[event]! / visitDays)}`;
  return visits[event]! >= 0 ? `visit ${visits[event]}` : `day ${Math.floor(times[event]!)}`;
}

/** Events that become tokens, visit by visit; visits in the order of their first events. */
function eventsByVisit(settings: TimelineSettings, timeline: Timeline, codes: readonly (KnownCode | undefined)[]) {
  const visits = new Map<string, number[]>();
  timeline.codes.forEach((code, event) => {
    if (codes[code] === undefined) return;
    const key = visitKey(settings, timeline, event);
    const events = visits.get(key);
    if (events === undefined) visits.set(key, [event]);
    else events.push(event);
  });
  if (settings.repeats === "keep") return [...visits.values()];
  return [...visits.values()].map((events) => {
    const last = new Map(events.map((event) => [timeline.codes[event]!, event]));
    return events.filter((event) => last.get(timeline.codes[event]!) === event);
  });
}

/** The table of tokens, as masking reads it. */
function tableOf(vocabulary: readonly string[]): TokenTable {
  const size = vocabulary.length + specialTokens.length;
  return {
    size,
    padding: special.padding,
    unknown: special.unknown,
    mask: special.mask,
    ordinary: Int32Array.from(vocabulary, (_, i) => i + specialTokens.length),
    isOrdinary: Uint8Array.from({ length: size }, (_, id) => (id < specialTokens.length ? 0 : 1)),
    features: 0,
  };
}

/**
 * Makes what reads timelines as tokens: a start token, then the codes of each visit and a separator behind it, oldest first
 * (Li et al. 2020). Of timelines that are too long the newest tokens are kept.
 */
export function timelineReader(settings: TimelineSettings): (timeline: Timeline) => PreparedTimeline {
  const table = tableOf(requireVocabulary(settings));
  const lookup = codeLookup(settings);
  const limit = Math.min(settings.maximumLength, settings.lengths?.at(-1) ?? Number.POSITIVE_INFINITY);
  const rows = ageRows(settings);
  return (timeline) => {
    const codes = lookup(timeline);
    const visits = eventsByVisit(settings, timeline, codes);
    const ageAt = (time: number): number => {
      const age = Math.floor((timeline.age + time) / daysOf[settings.ageUnit]);
      return Number.isNaN(age) ? 0 : Math.min(rows - 1, Math.max(0, age) + 1);
    };
    const binOf = (event: number): number => {
      const edges = codes[timeline.codes[event]!]!.edges.get(timeline.units[event]!);
      const value = timeline.values[event]!;
      if (edges === undefined || Number.isNaN(value)) return 0;
      return 1 + edges.filter((edge) => edge <= value).length;
    };
    const all = visits.flatMap((events, visit) => [
      ...events.map((event) => ({ id: codes[timeline.codes[event]!]!.id, event, visit, last: event })),
      { id: special.separator, event: -1, visit, last: events.at(-1)! },
    ]);
    const cut = Math.max(0, all.length + 1 - limit);
    if (cut > 0 && settings.overlong === "refuse")
      throw new VesaliusError("bad-data", `a timeline has ${all.length + 1} tokens, more than ${limit}`, {
        fix: "raise maximumLength of the timelines, or let the oldest events be left out (overlong: truncate)",
      });
    const shown = all.slice(cut);
    const first = shown[0]?.visit ?? 0;
    // The start token, which the patient is read from, has the age at the time of prediction where that is stated.
    const now = Number.isNaN(timeline.end) ? timeline.times[shown[0]?.last ?? -1] : timeline.end;
    const tokens = [
      { id: special.start, event: -1, visit: first, time: now },
      ...shown.map((token) => ({ ...token, time: timeline.times[token.last] })),
    ];
    const each = (of: (token: (typeof tokens)[number], place: number) => number): Int32Array =>
      Int32Array.from(tokens, of);
    const kept = visits.reduce((sum, { length }) => sum + length, 0);
    return {
      ids: each(({ id }) => id),
      wordIds: each(({ event }, place) => (event < 0 ? -1 : place)),
      sequenceIds: each(({ event }) => (event < 0 ? -1 : 0)),
      segments: each(({ visit }) => (visit - first) % 2),
      offsets: Int32Array.from({ length: 2 * tokens.length }, (_, i) => Math.ceil(i / 2)),
      features: new Int32Array(0),
      ages: each(({ time }) => (time === undefined ? 0 : ageAt(time))),
      positions: each(({ visit }) => visit - first),
      valueBins: each(({ event }) => (event < 0 ? 0 : binOf(event))),
      eventOf: each(({ event }) => event),
      cut,
      left: timeline.codes.length - kept,
      table,
    };
  };
}
