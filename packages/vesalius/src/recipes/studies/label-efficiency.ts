import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { formatNumber, type LinesSection, type ReportSection } from "../../report/index.ts";
import { RecipeProblem } from "../problems/recipe-error.ts";
import { seedsSchema } from "../schema/seeds.ts";
import { groupBy } from "../../common/group-by.ts";
import { estimatesTable, withAdaptation } from "./methods.ts";
import type { Study, StudyData, StudyPoint, StudyResult } from "./study.ts";

const settingsSchema = z.strictObject({
  /** Numbers of labelled training examples; `all` for the whole split. */
  counts: z.array(z.union([z.int().positive(), z.literal("all")])).min(1),
  /** Labels of the adaptation's methods; all of them by default. */
  methods: z.array(z.string()).min(1).optional(),
  /** The adaptation's seeds by default. */
  seeds: seedsSchema.optional(),
  /**
   * Optimizer steps of every model with a sample of the labels, so that more labels do not mean more training. Too few of
   * them measure how fast a method learns, not what it needs labels for.
   */
  steps: z.int().positive().default(300),
});
type Settings = z.output<typeof settingsSchema>;

/** Numbers of strata that a split's sample must show one of each of. */
function leastSample({ task, train }: StudyData): number {
  const strata = task.strata?.(train);
  return strata === undefined ? 1 : new Set(strata).size;
}

function pointsOf({ counts, methods, seeds, steps }: Settings, data: StudyData): StudyPoint[] {
  const least = leastSample(data);
  counts.forEach((count, i) => {
    if (count !== "all" && (count > data.train.length || count < least))
      throw new RecipeProblem(
        ["counts", i],
        `${count} of ${data.train.length} training examples cannot be drawn with one of each of ${least} strata; ` +
          `choose ${least} to ${data.train.length}, or all`,
      );
  });
  return methods!.flatMap((method) =>
    counts.flatMap((count) =>
      seeds!.map((seed): StudyPoint => {
        const at = { examples: count };
        return count === "all" ? { method, seed, at } : { method, seed, at, sample: count, training: { steps } };
      }),
    ),
  );
}

/** A curve for each method over the number of labels, with its band where every point has one. */
function curves(results: readonly StudyResult[]): LinesSection["series"] {
  const bounded = results.every(({ estimate }) => estimate.lower !== null && estimate.upper !== null);
  return [...groupBy(results, ({ method }) => method)].flatMap(([name, points]) => {
    const drawn = points.filter(({ estimate }) => estimate.value !== null);
    if (drawn.length === 0) return [];
    const band = bounded
      ? { lower: drawn.map(({ estimate }) => estimate.lower!), upper: drawn.map(({ estimate }) => estimate.upper!) }
      : {};
    return [
      { name, x: drawn.map(({ examples }) => examples), y: drawn.map(({ estimate }) => estimate.value!), ...band },
    ];
  });
}

function sectionsOf(found: readonly StudyResult[], { label }: { label: string }, unit: string): ReportSection[] {
  const results = [...found].sort((a, b) => a.examples - b.examples);
  const counts = [...new Set(results.map(({ examples }) => examples))];
  const series = curves(results);
  const banded = series.some(({ lower }) => lower !== undefined);
  const shown = `Labelled ${unit}`;
  return [
    {
      kind: "heading",
      title: "Label efficiency",
      text:
        "Models with few labels are trained for the same number of steps, each on a stratified sample of the training " +
        "split. Those with all labels are trained as long as the adaptation says.",
    },
    ...(series.length === 0
      ? []
      : [
          {
            kind: "lines" as const,
            width: "full" as const,
            title: `${label} by number of labelled ${unit}`,
            xLabel: shown,
            yLabel: label,
            xScale: "log" as const,
            series,
            note: banded ? "Mean over the seeds; the band is the 95% interval of Student's t." : "No band: one seed.",
          },
        ]),
    estimatesTable(
      found,
      `${label} with 95% intervals`,
      shown,
      counts,
      ({ examples }) => examples,
      (count) => formatNumber(count, 0),
    ),
  ];
}

/**
 * How far few labels go: methods adapted on growing samples of the training split, with a fixed number of steps; with all
 * of it, the adaptation's own models.
 */
export const labelEfficiency = entry({
  name: "labelEfficiency",
  summary: "Methods adapted on growing samples of the training split, with a fixed number of steps.",
  settings: settingsSchema,
  create: (settings): Study => ({
    name: "labelEfficiency",
    settings,
    complete: (recipe) => withAdaptation(settings, recipe),
    points: (data) => pointsOf(settings, data),
    small: (data) => ({
      ...settings,
      counts: [leastSample(data), "all"],
      seeds: settings.seeds?.slice(0, 1),
      steps: Math.min(settings.steps, 2),
    }),
    sections: sectionsOf,
  }),
});
