import { z } from "zod";
import type { Estimate } from "../../report/index.ts";
import type { RunReport } from "./run-report.ts";

const end = z.number().nullable();

/** One metric of a result. */
const measureShape = {
  /** Label of the metric. */
  metric: z.string(),
  better: z.enum(["higher", "lower"]),
  floor: z.strictObject({ name: z.string(), value: z.number() }).nullable(),
  methods: z.array(z.strictObject({ label: z.string(), mean: end, lower: end, upper: end, seeds: z.int().positive() })),
  /** Models without a network on the same cases, with intervals over these. */
  baselines: z.array(z.strictObject({ label: z.string(), value: end, lower: end, upper: end })).optional(),
};

/** Schema of the result of a recipe, as tables of results are made from it. */
export const recipeResultSchema = z.strictObject({
  recipe: z.string(),
  /** Part of medicine's data that the dataset's card names; null where it names none. */
  subfield: z.string().nullable(),
  application: z.string().nullable(),
  dataset: z.string(),
  split: z.string(),
  /** That which methods are compared by. */
  ...measureShape,
  /** The other metrics of the report's headline. */
  others: z.array(z.strictObject(measureShape)).optional(),
  seconds: z.number().nonnegative(),
  wattHours: z.number().nonnegative(),
  machine: z.string(),
  /** Day of the run, `2026-01-31`. */
  date: z.string(),
  version: z.string(),
});

/** The result of a recipe. */
export type RecipeResult = z.output<typeof recipeResultSchema>;

function measureOf({ metrics, floors, methods, baselines }: RunReport, metric: string) {
  const floor = floors.find((one) => one.metric === metric);
  const estimateOf = (of: Readonly<Record<string, Estimate>>): Estimate =>
    of[metric] ?? { value: null, lower: null, upper: null };
  return {
    metric: metrics[metric]!.label,
    better: metrics[metric]!.better,
    floor: floor === undefined ? null : { name: floor.name, value: floor.value },
    methods: methods.map(({ method, metrics: ofMethod, seeds }) => {
      const { value, lower, upper } = estimateOf(ofMethod);
      return { label: method, mean: value, lower, upper, seeds: seeds.length };
    }),
    ...(baselines.length === 0
      ? {}
      : {
          baselines: baselines.map(({ title, metrics: ofBaseline }) => {
            const { value, lower, upper } = estimateOf(ofBaseline);
            return { label: title, value, lower, upper };
          }),
        }),
  };
}

/**
 * The result of a run for tables: the metric that methods are compared by and the other ones of the headline, beside
 * floors and baselines.
 *
 * @param date of the run
 * @returns undefined for a run without adaptation
 */
export function recipeResult(report: RunReport, date = new Date()): RecipeResult | undefined {
  const { metric, headline, environment, cost } = report;
  if (metric === null) return undefined;
  const { cpu, cores, memoryGiB, vesalius } = environment;
  return {
    recipe: report.name,
    subfield: report.subfield,
    application: report.application,
    dataset: report.datasets[0]?.name ?? "",
    split: report.split,
    ...measureOf(report, metric),
    others: headline.filter((name) => name !== metric).map((name) => measureOf(report, name)),
    seconds: cost.seconds,
    wattHours: cost.energy.wattHours,
    machine: `${cpu}, ${cores} cores, ${memoryGiB} GiB`,
    date: date.toISOString().slice(0, 10),
    version: vesalius,
  };
}
