import { z } from "zod";
import type { NumbersColumn } from "../columns/numbers.ts";
import { isPresent } from "../columns/storage.ts";
import { encoderEntry, type Encoder } from "./encoder.ts";
import { recordReader } from "./records/record-values.ts";
import { requireFitted, standardization } from "./records/standardization.ts";

const settingsSchema = z.strictObject({
  /** Names of the numbers that are predicted; all of the column where they are left out. */
  names: z.array(z.string()).min(1).optional(),
  /** Whether the numbers are standardised by the training examples: a prediction is `value * std + mean`. */
  standardize: z.boolean().default(true),
  mean: z.array(z.number()).optional(),
  std: z.array(z.number().positive()).optional(),
});

/**
 * Numbers to predict: `values` float32 `[rows, numbers]`, 0 where one is not known, and `known` float32, 1 where it is.
 */
export const regressionTarget = encoderEntry({
  name: "regressionTarget",
  summary: "Numbers to predict, standardised, with marks of those that are known.",
  settings: settingsSchema,
  create(given): Encoder {
    const { names, mean, std } = requireFitted("regressionTarget", given);
    const encoder: Encoder = {
      reads: [["numbers"]],
      inputs: (rows) => ({
        values: { dtype: "float32", shape: [rows, names.length] },
        known: { dtype: "float32", shape: [rows, names.length] },
      }),
      forColumns(columns) {
        const read = recordReader(names, {}, columns);
        return { ...encoder, prepare: (values) => [read(values)] };
      },
      encode(examples, { values: into, known }) {
        examples.forEach((example, row) => {
          if (example === null) return;
          (example[0] as Float32Array).forEach((value, i) => {
            if (Number.isNaN(value)) return;
            const at = row * names.length + i;
            into![at] = (value - mean[i]!) / std[i]!;
            known![at] = 1;
          });
        });
      },
    };
    return encoder;
  },
  fit(given, columns) {
    const [column] = columns as readonly NumbersColumn[];
    const names = given.names ?? [...column!.names];
    if (given.mean !== undefined && given.std !== undefined) return Promise.resolve({ ...given, names });
    const read = recordReader(names, {}, columns);
    const width = column!.names.length;
    const rows = Array.from({ length: column!.length }, (_, row) => row)
      .filter((row) => isPresent(column!, row))
      .map((row) => read([column!.values.subarray(row * width, (row + 1) * width)]));
    const found = standardization(names, rows);
    const bare = { mean: names.map(() => 0), std: names.map(() => 1) };
    return Promise.resolve({ ...given, names, ...(given.standardize ? found : bare) });
  },
});
