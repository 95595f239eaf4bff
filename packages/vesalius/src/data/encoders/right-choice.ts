import { z } from "zod";
import type { Choices } from "../columns/choices.ts";
import { encoderEntry } from "./encoder.ts";

/** The position of the right one of an example's options: `choice` int32 `[rows]`, -1 where none is stated. */
export const rightChoice = encoderEntry({
  name: "rightChoice",
  summary: "The position of the right option of a multiple-choice question.",
  settings: z.strictObject({}),
  create: () => ({
    reads: [["choices"]],
    inputs: (rows) => ({ choice: { dtype: "int32", shape: [rows] } }),
    encode(examples, { choice }) {
      examples.forEach((values, row) => {
        choice![row] = values === null ? -1 : ((values[0] as Choices).answer ?? -1);
      });
    },
  }),
});
