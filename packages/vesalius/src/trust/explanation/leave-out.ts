import { VesaliusError } from "../../common/errors.ts";
import {
  codeKey,
  kindOf,
  type MedicalCode,
  type Split,
  takeRows,
  type Timeline,
  type TimelineRecord,
  timelinesColumn,
  type TimelinesColumn,
} from "../../data/index.ts";
import type { Predictor } from "../../tasks/index.ts";

/** A part of a record and what it does to an answer. */
export interface Influence {
  /** What was left out, each code once. */
  readonly codes: readonly MedicalCode[];
  /** Days since time 0 of its first and last event. */
  readonly from: number;
  readonly to: number;
  /** How much lower the score is without it: above 0 where it raises the score. */
  readonly change: number;
}

/** What an answer rests on. */
export interface RecordInfluence {
  /** Score of the whole record. */
  readonly score: number;
  /** Largest change first. */
  readonly parts: readonly Influence[];
}

/** Options of `influenceOfEvents`. */
export interface InfluenceOptions<Answer> {
  /** Column of the timelines. */
  readonly column?: string;
  /** What is explained: a probability, a risk. */
  readonly score: (answer: Answer) => number;
  /** What is left out at a time: all events of a visit (of a day, outside visits), or all of a code. */
  readonly unit?: "visit" | "code";
  /** Most parts that are left out; those with the latest events. */
  readonly most?: number;
}

const partOf = ({ visits, times, codes, codeTable }: Timeline, event: number, unit: "visit" | "code"): string => {
  if (unit === "code") return codeKey(codeTable[codes[event]!]!);
  return visits[event]! >= 0 ? `visit ${visits[event]}` : `day ${Math.floor(times[event]!)}`;
};

/** A timeline without some of its events. */
function recordWithout(timeline: Timeline, left: ReadonlySet<number>): TimelineRecord {
  const { codes, times, visits, values, units, unitTable, age, end } = timeline;
  const events = Array.from(codes, (code, i) => ({
    code,
    time: times[i]!,
    visit: visits[i]!,
    ...(Number.isNaN(values[i]!) ? {} : { value: values[i]! }),
    ...(units[i]! < 0 ? {} : { unit: unitTable[units[i]!]! }),
  })).filter((_, i) => !left.has(i));
  const known = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);
  return { events, age: known(age), end: known(end) };
}

/**
 * Which events of a patient's record an answer rests on: each visit, or each code, is left out in turn, and the answers are
 * compared. What two parts say alike has little influence alone, so that small changes do not mean that nothing matters.
 * Works for whatever answers from timelines: a model, an ensemble, one with calibrated probabilities.
 *
 * @param row of the patient in the split
 * @throws VesaliusError `bad-data` where the split has no such timelines or the patient has none; `bad-argument` for a row
 * that is not there
 *
 * @example
 * const { score, parts } = await influenceOfEvents(model, split, 0, { score: ({ probabilities }) => probabilities[1] });
 */
export async function influenceOfEvents<Answer>(
  predictor: Predictor<Answer>,
  split: Split,
  row: number,
  { column: name = "timeline", score, unit = "visit", most = 200 }: InfluenceOptions<Answer>,
): Promise<RecordInfluence> {
  const found = split.columns[name];
  if (found?.kind !== "timelines")
    throw new VesaliusError("bad-data", `there is no column ${name} of timelines`, { where: `split ${split.name}` });
  if (!(Number.isInteger(row) && row >= 0 && row < split.length))
    throw new VesaliusError("bad-argument", `there is no row ${row}`, {
      where: `split ${split.name}`,
      fix: `give a number from 0 to ${split.length - 1}`,
    });
  const column = found as TimelinesColumn;
  const [timeline] = (await kindOf<TimelinesColumn>(column).read(column, [row])) as readonly (Timeline | null)[];
  if (timeline === null || timeline === undefined)
    throw new VesaliusError("bad-data", "the patient has no timeline", {
      where: `split ${split.name}, row ${row + 1}`,
    });
  const parts = new Map<string, number[]>();
  timeline.codes.forEach((_, event) => {
    const key = partOf(timeline, event, unit);
    parts.set(key, [...(parts.get(key) ?? []), event]);
  });
  const chosen = [...parts.values()].sort((a, b) => b.at(-1)! - a.at(-1)!).slice(0, most);
  const records = [[], ...chosen].map((events) => recordWithout(timeline, new Set(events)));
  const changed: Split = {
    ...takeRows(
      split,
      records.map(() => row),
    ),
    ids: records.map((_, i) => `${split.ids[row]}/${i}`),
  };
  const columns = { ...changed.columns, [name]: timelinesColumn(column.codes, records) };
  const scores: number[] = [];
  for await (const { answer } of predictor.predict({ ...changed, columns }))
    scores.push(answer === null ? Number.NaN : score(answer));
  const [whole = Number.NaN, ...without] = scores;
  const influences = chosen.map((events, i): Influence => {
    const places = new Set(events.map((event) => timeline.codes[event]!));
    return {
      codes: Array.from(places, (place) => column.codes[place]!),
      from: timeline.times[events[0]!]!,
      to: timeline.times[events.at(-1)!]!,
      change: whole - without[i]!,
    };
  });
  return { score: whole, parts: influences.sort((a, b) => Math.abs(b.change) - Math.abs(a.change)) };
}
