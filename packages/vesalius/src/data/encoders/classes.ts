import { z } from "zod";
import { encoderEntry } from "./encoder.ts";

/** One class of many: `classes` int32 `[rows]`, -1 where the example has none. */
export const classes = encoderEntry({
  name: "classes",
  summary: "The index of one class of many.",
  settings: z.strictObject({}),
  create: () => ({
    reads: [["classes"]],
    inputs: (rows) => ({ classes: { dtype: "int32", shape: [rows] } }),
    encode(examples, { classes: into }) {
      examples.forEach((values, row) => (into![row] = values === null ? -1 : (values[0] as number)));
    },
  }),
});
