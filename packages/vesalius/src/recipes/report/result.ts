import { z } from "zod";
import type { Estimate } from "../../report/index.ts";
import { heldOutResults, type HeldOutResult } from "./held-out.ts";
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

/** A measure of pretraining on examples that it did not learn from. */
function ofPretraining({ label, better, objective, seeds, floor, estimate }: HeldOutResult) {
  const { value, lower, upper } = estimate;
  const reached = floor?.estimate.value ?? null;
  return {
    metric: label,
    better,
    floor: floor === undefined || reached === null ? null : { name: floor.name, value: reached },
    methods: [{ label: objective, mean: value, lower, upper, seeds: seeds.length }],
  };
}

/**
 * The result of a run for tables: the metric that methods are compared by and the other ones of the headline, beside
 * floors and baselines.
 *
 * @param date of the run
 * @returns undefined for a run that adapts nothing and measures nothing of its pretraining
 */
export function recipeResult(report: RunReport, date = new Date()): RecipeResult | undefined {
  const { metric, headline, environment, cost, stages } = report;
  const measures = metric === null ? heldOutResults(stages).map(ofPretraining) : [];
  if (metric === null && measures.length === 0) return undefined;
  const { cpu, cores, memoryGiB, vesalius } = environment;
  return {
    recipe: report.name,
    subfield: report.subfield,
    application: report.application,
    dataset: report.datasets[0]?.name ?? "",
    split: metric === null ? heldOutResults(stages)[0]!.split : report.split,
    ...(metric === null ? measures[0]! : measureOf(report, metric)),
    others:
      metric === null
        ? measures.slice(1)
        : headline.filter((name) => name !== metric).map((name) => measureOf(report, name)),
    seconds: cost.seconds,
    wattHours: cost.energy.wattHours,
    machine: `${cpu}, ${cores} cores, ${memoryGiB} GiB`,
    date: date.toISOString().slice(0, 10),
    version: vesalius,
  };
}
