import type { InputType } from "../../feeds.ts";
import type { TokenArrays } from "../tokens/write-tokens.ts";
import type { PreparedTimeline } from "./read-timeline.ts";
import type { TimelineSettings } from "./settings.ts";

/** What of a timeline a graph reads. */
export type ShownTimeline = Pick<PreparedTimeline, "ids" | "ages" | "segments" | "positions" | "valueBins">;

/** Inputs of timelines. */
export function timelineInputs(
  { valueBins }: Pick<TimelineSettings, "valueBins">,
  rows: number,
  length: number,
): Record<string, InputType> {
  const int32: InputType = { dtype: "int32", shape: [rows, length] };
  return {
    tokens: int32,
    mask: { dtype: "float32", shape: [rows, length] },
    ages: int32,
    segments: int32,
    positions: int32,
    ...(valueBins > 0 ? { values: int32 } : {}),
  };
}

/** Writes one row of a batch, padded at the end. */
export function writeTimeline(shown: ShownTimeline, into: TokenArrays, row: number, length: number): void {
  const at = row * length;
  into["tokens"]!.set(shown.ids, at);
  into["mask"]!.fill(1, at, at + shown.ids.length);
  into["ages"]!.set(shown.ages, at);
  into["segments"]!.set(shown.segments, at);
  into["positions"]!.set(shown.positions, at);
  into["values"]?.set(shown.valueBins, at);
}
