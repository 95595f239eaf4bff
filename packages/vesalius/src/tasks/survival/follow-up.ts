import { VesaliusError } from "../../common/errors.ts";
import type { EventsColumn, Split } from "../../data/index.ts";
import type { FollowUp } from "../../evaluation/index.ts";
import { presentRows, requireColumn } from "../columns.ts";

/** Follow-up of the examples whose time is known. */
export function followUpOf(column: EventsColumn): FollowUp {
  const rows = presentRows(column);
  return {
    time: Float64Array.from(rows, (row) => column.time[row]!),
    event: Uint8Array.from(rows, (row) => column.observed[row]!),
  };
}

/**
 * Checks times to an event before time is spent.
 *
 * @throws VesaliusError `bad-data` for a column that is absent, a time that is none, training examples without a time, and
 * where no event was observed
 */
export function checkFollowUp(split: Split, name: string, use: "training" | "evaluation" | "prediction"): void {
  if (use === "prediction") return;
  const column = requireColumn(split, name, "events");
  const where = `split ${split.name}, column ${name}`;
  const { time, event } = followUpOf(column);
  const broken = Array.from(time).findIndex((at) => !(at >= 0 && Number.isFinite(at)));
  if (broken >= 0)
    throw new VesaliusError("bad-data", "a time is negative or no number", {
      where: `${where}, row ${presentRows(column)[broken]! + 1}`,
      fix: "count time from the start of follow-up of each example",
    });
  if (use === "training" && time.length < split.length)
    throw new VesaliusError("bad-data", `${split.length - time.length} training examples have no time`, {
      where,
      fix: "give the time to the event or to the end of follow-up, or leave them out",
    });
  if (!Array.from(event).includes(1))
    throw new VesaliusError("bad-data", "no event was observed: all examples are censored", {
      where,
      fix: "check which value of the event's column means that it was observed",
    });
}
