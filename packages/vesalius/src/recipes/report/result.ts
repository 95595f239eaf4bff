import { z } from "zod";
import type { RunReport } from "./run-report.ts";

/** Schema of the result of a recipe, as tables of results are made from it. */
export const recipeResultSchema = z.strictObject({
  recipe: z.string(),
  /** Part of medicine's data that the dataset's card names; null where it names none. */
  subfield: z.string().nullable(),
  application: z.string().nullable(),
  dataset: z.string(),
  split: z.string(),
  /** Label of the metric that methods are compared by. */
  metric: z.string(),
  better: z.enum(["higher", "lower"]),
  floor: z.strictObject({ name: z.string(), value: z.number() }).nullable(),
  methods: z.array(
    z.strictObject({
      label: z.string(),
      mean: z.number().nullable(),
      lower: z.number().nullable(),
      upper: z.number().nullable(),
      seeds: z.int().positive(),
    }),
  ),
  seconds: z.number().nonnegative(),
  wattHours: z.number().nonnegative(),
  machine: z.string(),
  /** Day of the run, `2026-01-31`. */
  date: z.string(),
  version: z.string(),
});

/** The result of a recipe. */
export type RecipeResult = z.output<typeof recipeResultSchema>;

/**
 * The result of a run for tables: the metric that methods are compared by, beside the floor.
 *
 * @param date of the run
 * @returns undefined for a run without adaptation
 */
export function recipeResult(report: RunReport, date = new Date()): RecipeResult | undefined {
  const { metric, metrics, floors, environment, cost } = report;
  if (metric === null) return undefined;
  const floor = floors.find((one) => one.metric === metric);
  const { cpu, cores, memoryGiB, vesalius } = environment;
  return {
    recipe: report.name,
    subfield: report.subfield,
    application: report.application,
    dataset: report.datasets[0]?.name ?? "",
    split: report.split,
    metric: metrics[metric]!.label,
    better: metrics[metric]!.better,
    floor: floor === undefined ? null : { name: floor.name, value: floor.value },
    methods: report.methods.map(({ method, metrics: ofMethod, seeds }) => {
      const { value = null, lower = null, upper = null } = ofMethod[metric] ?? {};
      return { label: method, mean: value, lower, upper, seeds: seeds.length };
    }),
    seconds: cost.seconds,
    wattHours: cost.energy.wattHours,
    machine: `${cpu}, ${cores} cores, ${memoryGiB} GiB`,
    date: date.toISOString().slice(0, 10),
    version: vesalius,
  };
}
