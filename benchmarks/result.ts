import { z } from "zod";
import { type RunReport, runReportSchema } from "vesalius/recipes";

/** One figure. Names are stable: documentation refers to figures by them. */
export const measureSchema = z.strictObject({
  name: z.string().min(1),
  value: z.number(),
  /** Ends of a 95% interval, where the value has one. */
  lower: z.number().nullable().optional(),
  upper: z.number().nullable().optional(),
  /** `ms`, `s`, `GFLOP/s`, `GFLOP`, `MiB`, `parameters`, `share`, `examples/s`, `tokens/s`, `Wh`; empty for a plain number. */
  unit: z.string(),
  /** The value divided by that of another measure; null where it is compared with nothing. */
  ratio: z.number().nullable(),
  /** Name of that other measure. */
  of: z.string().nullable(),
});

/** One figure of a benchmark. */
export type Measure = z.output<typeof measureSchema>;

/** What a benchmark prints with `--json`, and what a file in `results/` holds. */
export const benchmarkResultSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z-]*$/),
    /** Day of the run. */
    date: z.iso.date(),
    machine: runReportSchema.shape.environment,
    /** How the figures came about, in a few sentences. */
    method: z.string().min(1),
    measures: z.array(measureSchema).min(1),
  })
  .refine(({ measures }) => new Set(measures.map(({ name }) => name)).size === measures.length, "a name occurs twice")
  .refine(
    ({ measures }) => measures.every(({ of }) => of === null || measures.some(({ name }) => name === of)),
    "a ratio refers to a measure that is not there",
  );

/** What a benchmark prints. */
export type BenchmarkResult = z.output<typeof benchmarkResultSchema>;

const significant = (value: number): string =>
  Number.isInteger(value) ? value.toLocaleString("en-US") : Number(value.toPrecision(3)).toLocaleString("en-US");

const interval = ({ lower, upper }: Measure): string =>
  typeof lower === "number" && typeof upper === "number" ? ` (${lower.toFixed(3)} to ${upper.toFixed(3)})` : "";

/** What the figures were measured on, in one line. */
export const describeMachine = ({ cpu, cores, memoryGiB, engine, node }: RunReport["environment"]): string =>
  `${cpu}, ${cores} cores, ${memoryGiB} GiB; ONNX Runtime ${engine.version}, ${engine.name}; Node ${node}`;

/** A result as a table for a terminal. */
export function formatResult({ name, date, machine, method, measures }: BenchmarkResult): string {
  const rows = measures.map((measure) => [
    measure.name,
    `${significant(measure.value)}${interval(measure)}`,
    measure.unit,
    measure.ratio === null ? "" : `${measure.ratio.toFixed(2)} of ${measure.of}`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(([label, value, unit, ratio]) =>
    `${label!.padEnd(widths[0]!)}  ${value!.padStart(widths[1]!)} ${unit!.padEnd(widths[2]!)}  ${ratio}`.trimEnd(),
  );
  return [`${name}, ${date}`, describeMachine(machine), "", ...lines, "", method, ""].join("\n");
}
