import { z } from "zod";
import { kindOf } from "../columns/index.ts";
import type { Column } from "../column.ts";
import { encoderEntry, type Encoder } from "./encoder.ts";
import {
  indicatorsAmong,
  levelsOf,
  type PreparedRecord,
  recordNames,
  recordReader,
  variablesOf,
} from "./records/record-values.ts";
import { requireFitted, standardization } from "./records/standardization.ts";

const settingsSchema = z.strictObject({
  /** Names of the numbers, in order; an indicator of a level is called `name=level`. */
  names: z.array(z.string()).min(1).optional(),
  /** Levels of the categories among the columns. */
  levels: z.record(z.string(), z.array(z.string())).optional(),
  /**
   * Indicators of levels are standardised as numbers are, or stay 0 and 1: then what is known of a rare level does not
   * outweigh the rest, and a level that every training example has still differs from a missing one.
   */
  indicators: z.enum(["standardized", "plain"]).default("standardized"),
  /** Mean of each number over the training examples. */
  mean: z.array(z.number()).optional(),
  /** Standard deviation of each number. */
  std: z.array(z.number().positive()).optional(),
  /** Standardised values beyond this many deviations are cut to it. */
  clip: z.number().positive().optional(),
});

/** Values of every example of columns, one array for each column; examples without a column are left out. */
async function valuesOf(columns: readonly Column[]): Promise<(readonly unknown[])[]> {
  const length = columns[0]?.length ?? 0;
  const rows = Int32Array.from({ length }, (_, row) => row);
  const read = await Promise.all(columns.map((column) => kindOf(column).read(column, rows)));
  return Array.from(rows, (row) => read.map((values): unknown => values[row])).filter((all) => !all.includes(null));
}

/**
 * Numbers and categories of a record: `values` float32 `[rows, numbers]`, standardised by the training examples, 0 where
 * one is missing, and `missing` float32, 1 there. Columns are matched by name; names that were not fitted are not read.
 * A level that the training examples do not have counts as missing.
 */
export const numbers = encoderEntry({
  name: "numbers",
  summary: "Numbers and categories of records, standardised, with marks where they are missing.",
  settings: settingsSchema,
  create({ levels = {}, clip = Number.POSITIVE_INFINITY, ...given }): Encoder {
    const { names, mean, std } = requireFitted("numbers", given);
    const encoder: Encoder = {
      reads: [["numbers", "categories"]],
      inputs: (rows) => ({
        values: { dtype: "float32", shape: [rows, names.length] },
        missing: { dtype: "float32", shape: [rows, names.length] },
      }),
      forColumns(columns) {
        const read = recordReader(names, levels, columns);
        const variables = variablesOf(names, levels);
        return { ...encoder, prepare: (values) => [{ values: read(values), variables } satisfies PreparedRecord] };
      },
      counts: ([record]) => ({
        missingValues: (record as PreparedRecord).values.reduce((sum, value) => sum + Number(Number.isNaN(value)), 0),
      }),
      encode(examples, { values: into, missing }) {
        examples.forEach((example, row) => {
          if (example === null) return;
          (example[0] as PreparedRecord).values.forEach((value, i) => {
            const at = row * names.length + i;
            if (Number.isNaN(value)) missing![at] = 1;
            else into![at] = Math.max(-clip, Math.min(clip, (value - mean[i]!) / std[i]!));
          });
        });
      },
    };
    return encoder;
  },
  async fit(given, columns) {
    const levels = given.levels ?? levelsOf(columns);
    const names = given.names ?? recordNames(columns, levels);
    if (given.mean !== undefined && given.std !== undefined) return { ...given, names, levels };
    const read = recordReader(names, levels, columns);
    const { mean, std } = standardization(names, (await valuesOf(columns)).map(read));
    const { indicators } = given;
    const plain = indicatorsAmong(names, levels);
    const kept = (values: number[], own: number): number[] =>
      indicators === "plain" ? values.map((value, i) => (plain.has(names[i]!) ? own : value)) : values;
    return { ...given, names, levels, mean: kept(mean, 0), std: kept(std, 1) };
  },
});
