import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { joinArrays, takeArrays } from "./arrays.ts";
import { bytesOf, checkLengths, contentHead, isPresent, presence, readRows, shared } from "./storage.ts";

/** Times until an event, or until observation ended without it. */
export interface EventsColumn extends Column {
  readonly kind: "events";
  /** `[length]`, in the data's own unit; 0 where it is missing. */
  readonly time: Float64Array;
  /** `[length]`: 1 where the event was observed, 0 where it is censored. */
  readonly observed: Uint8Array;
}

/** One time to event. */
export interface SurvivalTime {
  readonly time: number;
  readonly observed: boolean;
}

/**
 * A column of times to event; NaN stands for a missing time.
 *
 * @param time `[length]`, 0 or more
 * @param observed `[length]`: 1 where the event was observed, 0 where it is censored
 * @throws VesaliusError `shape-mismatch`, or `bad-data` for a negative or infinite time or another mark than 0 and 1
 */
export function eventsColumn(time: ArrayLike<number>, observed: ArrayLike<number>): EventsColumn {
  checkLengths("events", time.length, { "marks of observation": observed.length });
  for (let row = 0; row < time.length; row++) {
    const at = time[row]!;
    if (Number.isNaN(at)) continue;
    if (at >= 0 && Number.isFinite(at) && (observed[row] === 0 || observed[row] === 1)) continue;
    throw new VesaliusError(
      "bad-data",
      at >= 0 && Number.isFinite(at)
        ? "the event is neither 1 (observed) nor 0 (censored)"
        : "the time is negative or infinite",
      { where: `row ${row + 1}` },
    );
  }
  const times = Array.from(time);
  return {
    kind: "events",
    length: times.length,
    time: shared(Float64Array.from(times, (at) => (Number.isNaN(at) ? 0 : at))),
    observed: shared(Uint8Array.from(observed, (mark) => Number(mark === 1))),
    ...presence(times.map((at) => !Number.isNaN(at))),
  };
}

/** Times to event: their equality says nothing of identity. */
export const events: ColumnKind<EventsColumn, SurvivalTime> = {
  kind: "events",
  summary: "times to an event or to the end of observation, read as time and whether it was observed",
  read: (column, rows) =>
    readRows(column, rows, (row) => ({ time: column.time[row]!, observed: column.observed[row] === 1 })),
  take: (column, rows) => takeArrays(column, rows, ["time", "observed"]),
  join: (columns) => joinArrays(columns, ["time", "observed"]),
  strata: (column) => Int32Array.from(column.observed, (mark, row) => (isPresent(column, row) ? mark : -1)),
  lacking: (column) => (column.observed.includes(1) ? undefined : "no event was observed"),
  *content(column) {
    yield* contentHead(column);
    yield bytesOf(column.time);
    yield column.observed;
  },
  describe: (column) => ({
    observed: column.observed.reduce((sum, mark) => sum + mark, 0),
    longest: column.time.reduce((a, b) => Math.max(a, b), 0),
  }),
};
