import { z } from "zod";
import type { SurvivalTime } from "../columns/events.ts";
import { encoderEntry } from "./encoder.ts";

/** Times to an event: `time` float32 `[rows]` in the data's own unit, `observed` float32, 0 where it is censored. */
export const events = encoderEntry({
  name: "events",
  summary: "Times to an event, with marks of those that were observed.",
  settings: z.strictObject({}),
  create: () => ({
    reads: [["events"]],
    inputs: (rows) => ({
      time: { dtype: "float32", shape: [rows] },
      observed: { dtype: "float32", shape: [rows] },
    }),
    encode(examples, { time, observed }) {
      examples.forEach((example, row) => {
        if (example === null) return;
        const event = example[0] as SurvivalTime;
        time![row] = event.time;
        observed![row] = event.observed ? 1 : 0;
      });
    },
  }),
});
