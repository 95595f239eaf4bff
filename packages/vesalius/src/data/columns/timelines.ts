import { createDigest } from "#common/digest";
import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { takeListRows } from "./arrays.ts";
import { fewOf } from "./few-of.ts";
import { quantile } from "./quantile.ts";
import {
  bytesOf,
  concatenate,
  contentHead,
  gather,
  isPresent,
  joinedLength,
  joinPresent,
  lengthsOf,
  offsetsOf,
  presence,
  presentCount,
  readRows,
  sampledRows,
  shared,
} from "./storage.ts";

/** A code of a clinical vocabulary. */
export interface MedicalCode {
  /** What its events are: `condition`, `medication`, `measurement`, `visit`. */
  readonly category: string;
  /** The vocabulary: `http://snomed.info/sct`, `RxNorm`. */
  readonly system: string;
  readonly code: string;
  /** What it stands for, where the data say it. */
  readonly name?: string | undefined;
}

/** What tells codes apart. */
export const codeKey = ({ category, system, code }: MedicalCode): string => `${category}|${system}|${code}`;

/** One dated event of a patient. */
export interface TimelineEvent {
  /** Position in the column's codes. */
  readonly code: number;
  /** Days since the timeline's time 0 (the first event, birth, an admission); may be negative. */
  readonly time: number;
  /** Number of the visit, from 0 in the order of time; -1 outside visits. */
  readonly visit: number;
  readonly value?: number;
  /** Unit of the value as written: `mg/dL`. */
  readonly unit?: string;
}

/** A patient's record as it is known at one time. */
export interface TimelineRecord {
  /** Ordered by time. */
  readonly events: readonly TimelineEvent[];
  /** Age at time 0 in days. */
  readonly age?: number | undefined;
  /** Days from time 0 to the time that something is predicted at: no event is later. */
  readonly end?: number | undefined;
}

/** A timeline as columns of numbers, one for each event. Not to be written to. */
export interface Timeline {
  readonly codes: Int32Array;
  readonly times: Float64Array;
  readonly visits: Int32Array;
  /** NaN for events without a value. */
  readonly values: Float32Array;
  /** Positions in `unitTable`, -1 for none. */
  readonly units: Int32Array;
  readonly codeTable: readonly MedicalCode[];
  readonly unitTable: readonly string[];
  /** Age at time 0 in days; NaN where it is not known. */
  readonly age: number;
  /** NaN where no time of prediction is stated. */
  readonly end: number;
}

/** Dated events of patients. */
export interface TimelinesColumn extends Column {
  readonly kind: "timelines";
  readonly codes: readonly MedicalCode[];
  readonly units: readonly string[];
  /** `[length + 1]`: the events of row i are those from `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** `[events]` days, ascending in a row. */
  readonly times: Float64Array;
  /** `[events]` positions in `codes`. */
  readonly codeOf: Int32Array;
  /** `[events]` */
  readonly visits: Int32Array;
  /** `[length + 1]`: where the values of each row are; events without one take no place. */
  readonly valueOffsets: Int32Array;
  /** `[values]` number of the event in its row. */
  readonly valueAt: Int32Array;
  readonly values: Float32Array;
  /** `[values]` positions in `units`, -1 for none. */
  readonly unitOf: Int32Array;
  /** `[length]`, NaN where it is not known. */
  readonly ages: Float64Array;
  /** `[length]`, NaN where it is not stated. */
  readonly ends: Float64Array;
}

function check(record: TimelineRecord, codes: readonly MedicalCode[], row: number): void {
  const { events, age, end } = record;
  const wrong = (what: string): never => {
    throw new VesaliusError("bad-data", what, { where: `row ${row + 1}` });
  };
  if (![age ?? 0, end ?? 0].every(Number.isFinite)) wrong("an age or a time of prediction is not finite");
  events.forEach(({ code, time, visit, value }, i) => {
    if (codes[code] === undefined) wrong("the code of an event is not listed");
    if (!Number.isFinite(time) || !(value === undefined || Number.isFinite(value)))
      wrong("a time or a value of an event is not finite");
    if (!Number.isInteger(visit) || visit < -1) wrong("a visit is numbered by something else than 0, 1, 2 or -1");
    if (i > 0 && time < events[i - 1]!.time) wrong("the events are not in the order of time");
    if (end !== undefined && time > end) wrong("an event is later than the time that something is predicted at");
  });
}

/**
 * A column of timelines; null stands for a missing one.
 *
 * @throws VesaliusError `bad-data` for events out of order, after the time of prediction, of a code that is not listed, or
 * with numbers that are not finite
 */
export function timelinesColumn(
  codes: readonly MedicalCode[],
  records: readonly (TimelineRecord | null)[],
): TimelinesColumn {
  records.forEach((record, row) => record !== null && check(record, codes, row));
  const events = records.flatMap((record) => record?.events ?? []);
  const valued = records.map((record) =>
    (record?.events ?? []).flatMap(({ value, unit }, at) => (value === undefined ? [] : [{ value, unit, at }])),
  );
  const all = valued.flat();
  const units = [...new Set(all.flatMap(({ unit }) => (unit === undefined ? [] : [unit])))].sort();
  const unitIndex = new Map(units.map((unit, i) => [unit, i]));
  return {
    kind: "timelines",
    length: records.length,
    codes,
    units,
    offsets: offsetsOf(
      Int32Array,
      records.map((record) => record?.events.length ?? 0),
    ),
    times: shared(Float64Array.from(events, ({ time }) => time)),
    codeOf: shared(Int32Array.from(events, ({ code }) => code)),
    visits: shared(Int32Array.from(events, ({ visit }) => visit)),
    valueOffsets: offsetsOf(
      Int32Array,
      valued.map(({ length }) => length),
    ),
    valueAt: shared(Int32Array.from(all, ({ at }) => at)),
    values: shared(Float32Array.from(all, ({ value }) => value)),
    unitOf: shared(Int32Array.from(all, ({ unit }) => (unit === undefined ? -1 : unitIndex.get(unit)!))),
    ages: shared(Float64Array.from(records, (record) => record?.age ?? Number.NaN)),
    ends: shared(Float64Array.from(records, (record) => record?.end ?? Number.NaN)),
    ...presence(records.map((record) => record !== null)),
  };
}

function timelineOf(column: TimelinesColumn, row: number): Timeline {
  const [start, end] = [column.offsets[row]!, column.offsets[row + 1]!];
  const values = new Float32Array(end - start).fill(Number.NaN);
  const units = new Int32Array(end - start).fill(-1);
  for (let i = column.valueOffsets[row]!; i < column.valueOffsets[row + 1]!; i++) {
    values[column.valueAt[i]!] = column.values[i]!;
    units[column.valueAt[i]!] = column.unitOf[i]!;
  }
  return {
    codes: column.codeOf.subarray(start, end),
    times: column.times.subarray(start, end),
    visits: column.visits.subarray(start, end),
    values,
    units,
    codeTable: column.codes,
    unitTable: column.units,
    age: column.ages[row]!,
    end: column.ends[row]!,
  };
}

const eventLists = { offsets: "offsets", entries: ["times", "codeOf", "visits"] } as const;
const valueLists = { offsets: "valueOffsets", entries: ["valueAt", "values", "unitOf"] } as const;

/** Positions of entries among those of all columns, equal ones once. */
function merged<Entry>(
  lists: readonly (readonly Entry[])[],
  key: (entry: Entry) => string,
): { readonly all: Entry[]; readonly maps: Int32Array[] } {
  const places = new Map<string, number>();
  const all: Entry[] = [];
  const maps = lists.map((entries) =>
    Int32Array.from(entries, (entry) => {
      const found = places.get(key(entry));
      if (found !== undefined) return found;
      places.set(key(entry), all.length);
      return all.push(entry) - 1;
    }),
  );
  return { all, maps };
}

/** What a column holds once codes and units that nothing has are left out: the same for the same rows. */
function compact({ codes, units, codeOf, unitOf }: TimelinesColumn) {
  const used = <Entry>(entries: readonly Entry[], of: Int32Array) => {
    const places = new Map<number, number>();
    const found: Entry[] = [];
    const renumbered = of.map((entry) => {
      if (entry < 0) return entry;
      if (!places.has(entry)) places.set(entry, found.push(entries[entry]!) - 1);
      return places.get(entry)!;
    });
    return { found, renumbered };
  };
  return { codes: used(codes, codeOf), units: used(units, unitOf) };
}

/** Number of visits of a row. */
const visitsOf = (column: TimelinesColumn, row: number): number =>
  new Set(column.visits.subarray(column.offsets[row], column.offsets[row + 1])).size;

/** Timelines: patients with the same events at the same times are taken for one. */
export const timelines: ColumnKind<TimelinesColumn, Timeline> = {
  kind: "timelines",
  summary: "dated events of patients (codes, values, visits), read as arrays with a number for each event",
  read: (column, rows) => readRows(column, rows, (row) => timelineOf(column, row)),
  take(column, rows) {
    const events = takeListRows(column, rows, eventLists);
    const { valueOffsets, valueAt, values, unitOf } = takeListRows(column, rows, valueLists);
    return {
      ...events,
      valueOffsets,
      valueAt,
      values,
      unitOf,
      ages: gather(column.ages, rows),
      ends: gather(column.ends, rows),
    };
  },
  join(columns) {
    const codes = merged(
      columns.map((column) => column.codes),
      codeKey,
    );
    const units = merged(
      columns.map((column) => column.units),
      (unit) => unit,
    );
    const joined = <Name extends "times" | "visits" | "valueAt" | "values" | "ages" | "ends">(name: Name) =>
      concatenate(
        columns[0]![name].constructor as never,
        columns.map((column) => column[name]),
      );
    const lists = (name: "offsets" | "valueOffsets") =>
      offsetsOf(
        Int32Array,
        columns.flatMap((column) => lengthsOf(column[name])),
      );
    return {
      kind: "timelines",
      length: joinedLength(columns),
      codes: codes.all,
      units: units.all,
      offsets: lists("offsets"),
      times: joined("times"),
      codeOf: concatenate(
        Int32Array,
        columns.map(({ codeOf }, i) => codeOf.map((code) => codes.maps[i]![code]!)),
      ),
      visits: joined("visits"),
      valueOffsets: lists("valueOffsets"),
      valueAt: joined("valueAt"),
      values: joined("values"),
      unitOf: concatenate(
        Int32Array,
        columns.map(({ unitOf }, i) => unitOf.map((unit) => (unit < 0 ? -1 : units.maps[i]![unit]!))),
      ),
      ages: joined("ages"),
      ends: joined("ends"),
      ...joinPresent(columns),
    };
  },
  fingerprints: (column) =>
    Array.from({ length: column.length }, (_, row) => {
      // Nothing says nothing of who it is.
      if (!isPresent(column, row) || column.offsets[row] === column.offsets[row + 1]) return undefined;
      const { codes, times, values } = timelineOf(column, row);
      const digest = createDigest().update(bytesOf(times.slice())).update(bytesOf(values));
      for (const code of codes) digest.update(`${codeKey(column.codes[code]!)}\n`);
      return digest.hex();
    }),
  // A visit for a common reason, dated from itself, is not one patient's alone.
  telling: ({ offsets }, row) => offsets[row + 1]! - offsets[row]! >= 5,
  *content(column) {
    const { codes, units } = compact(column);
    yield* contentHead(column, [codes.found.map(codeKey), units.found]);
    const { offsets, times, visits, valueOffsets, valueAt, values, ages, ends } = column;
    const arrays = [
      offsets,
      codes.renumbered,
      times,
      visits,
      valueOffsets,
      valueAt,
      values,
      units.renumbered,
      ages,
      ends,
    ];
    for (const part of arrays) yield bytesOf(part);
  },
  facts(column) {
    const rows = sampledRows(column);
    const events = rows.map((row) => column.offsets[row + 1]! - column.offsets[row]!);
    const visits = rows.map((row) => visitsOf(column, row));
    return {
      codes: compact(column).codes.found.length,
      events: quantile(events, 0.5),
      longEvents: quantile(events, 0.98),
      visits: quantile(visits, 0.5),
      longVisits: quantile(visits, 0.98),
    };
  },
  describe(column) {
    const { codes } = compact(column);
    const rows = Array.from({ length: column.length }, (_, row) => row).filter((row) => isPresent(column, row));
    return {
      present: presentCount(column),
      events: column.times.length,
      codes: codes.found.length,
      categories: [...new Set(codes.found.map(({ category }) => category))].sort(),
      systems: fewOf([...new Set(codes.found.map(({ system }) => system))].sort()),
      values: column.values.length,
      visits: rows.reduce((sum, row) => sum + visitsOf(column, row), 0),
    };
  },
  empty: (length) => timelinesColumn([], Array<null>(length).fill(null)),
};
