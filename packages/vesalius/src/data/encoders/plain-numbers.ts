import { z } from "zod";
import { encoderEntry } from "./encoder.ts";

/**
 * Numbers as they are: `values` float32 `[rows, count]`. For what was computed beforehand and has a scale of its own; see
 * `numbers` for measurements.
 */
export const plainNumbers = encoderEntry({
  name: "plainNumbers",
  summary: "Numbers as they are, without any scale.",
  settings: z.strictObject({
    /** How many an example has. */
    count: z.int().positive(),
  }),
  create: ({ count }) => ({
    reads: [["numbers"]],
    inputs: (rows) => ({ values: { dtype: "float32", shape: [rows, count] } }),
    encode(examples, { values: into }) {
      examples.forEach((values, row) => {
        if (values !== null) into!.set(values[0] as ArrayLike<number>, row * count);
      });
    },
  }),
});
