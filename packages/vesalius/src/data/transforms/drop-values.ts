import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import type { PreparedRecord } from "../encoders/records/record-values.ts";
import type { ExampleTransform, Moved } from "./moved.ts";

/** Whether a value is the numbers of a record; images and texts pass as they are. */
const isRecord = (value: unknown): value is PreparedRecord =>
  typeof value === "object" && value !== null && "values" in value && "variables" in value;

/**
 * Random values of a record go missing, of each record another share, so that a network answers from whatever is known so
 * far: what is asked next can then be chosen by what an answer would change (Ma et al. 2019).
 */
export const dropValues = entry({
  name: "dropValues",
  summary: "Random values of a record go missing, of each another share.",
  paper: "Ma et al. 2019, EDDI: efficient dynamic discovery of high-value information with partial VAE",
  settings: z.strictObject({
    /** Largest share of the values that go missing; the share of each record is drawn below it. */
    most: z.number().min(0).max(1).default(0.9),
  }),
  create: ({ most }): ExampleTransform => ({
    kinds: ["numbers", "categories"],
    draw(_values, random) {
      const share = most * random.uniform();
      return ({ value }: Moved): unknown => {
        if (!isRecord(value)) return value;
        const dropped = new Map<number, boolean>();
        for (const variable of value.variables)
          if (!dropped.has(variable)) dropped.set(variable, random.uniform() < share);
        const values = value.values.map((one, i) => (dropped.get(value.variables[i]!)! ? Number.NaN : one));
        return { ...value, values } satisfies PreparedRecord;
      };
    },
  }),
});
