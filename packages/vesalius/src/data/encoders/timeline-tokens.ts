import type { Timeline } from "../columns/timelines.ts";
import { type Encoder, encoderEntry } from "./encoder.ts";
import { fitTimelines } from "./timelines/fit-vocabulary.ts";
import { type PreparedTimeline, timelineReader } from "./timelines/read-timeline.ts";
import { special, type TimelineSettings, timelineSettingsSchema } from "./timelines/settings.ts";
import { timelineInputs, writeTimeline } from "./timelines/write-timeline.ts";

/** An encoder of timelines that its own inputs are made of. */
export function timelineEncoder(settings: TimelineSettings, own: Pick<Encoder, "inputs" | "encode">): Encoder {
  const read = timelineReader(settings);
  return {
    reads: [["timelines"]],
    extent: ([prepared]) => (prepared as PreparedTimeline).ids.length,
    largestExtent: Math.min(settings.maximumLength, settings.lengths?.at(-1) ?? Number.POSITIVE_INFINITY),
    ...(settings.lengths === undefined ? {} : { extents: settings.lengths }),
    prepare: ([timeline]) => [read(timeline as Timeline)],
    counts([prepared]) {
      const { ids, cut, left } = prepared as PreparedTimeline;
      return {
        tokens: ids.length,
        unknownCodes: ids.reduce((sum, id) => sum + (id === special.unknown ? 1 : 0), 0),
        eventsNotRead: left,
        truncatedTimelines: cut > 0 ? 1 : 0,
        truncatedTokens: cut,
      };
    },
    ...own,
  };
}

/**
 * Patients' timelines as tokens, oldest visit first: `tokens` int32 (codes and special tokens), `mask` float32 (1 for
 * tokens, 0 for padding), `ages` int32 (0 where it is not known), `segments` int32 (0 and 1 by turns from visit to visit),
 * `positions` int32 (number of the visit) and, with `valueBins`, `values` int32 (bin of the value, 0 without one), each
 * `[rows, length]`.
 */
export const timelineTokens = encoderEntry({
  name: "timelineTokens",
  summary: "Patients' timelines as codes with age, visit and value.",
  paper: "Li et al. 2020, BEHRT: Transformer for Electronic Health Records",
  settings: timelineSettingsSchema,
  create: (settings) =>
    timelineEncoder(settings, {
      inputs: (rows, length) => timelineInputs(settings, rows, length),
      encode(examples, into, { extent }) {
        examples.forEach((values, row) => {
          if (values !== null) writeTimeline(values[0] as PreparedTimeline, into, row, extent);
        });
      },
    }),
  fit: (given, columns) => Promise.resolve(fitTimelines(given, columns)),
});
