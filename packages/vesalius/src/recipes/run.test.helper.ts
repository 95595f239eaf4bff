/** What tests of whole runs share. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { tinyRecipe } from "./recipe.test.helper.ts";
import { runReportSchema } from "./report/run-report.ts";
import { runRecipe, type RunRecipeOptions } from "./run-recipe.node.ts";
import type { RecipeInput } from "./schema.ts";
import type { RunEvent } from "./stages/events.ts";

/** Runs without worker threads, whose start takes longer than these trainings. */
export const run = (recipe: RecipeInput, options: RunRecipeOptions) => runRecipe(recipe, { workers: 0, ...options });

/** What a run recorded, line by line. */
export const readLines = async (folder: string): Promise<{ stage: string; step: number }[]> =>
  (await readFile(join(folder, "metrics.jsonl"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { stage: string; step: number });

/** The report of a run, checked. */
export const readReport = async (folder: string) =>
  runReportSchema.parse(JSON.parse(await readFile(join(folder, "report.json"), "utf8")));

/** Where each stage came from, by name. */
export const origins = (events: readonly RunEvent[]): Record<string, string> =>
  Object.fromEntries(events.flatMap((event) => (event.type === "stageFinished" ? [[event.stage, event.from]] : [])));

/** Pretraining, three methods with two seeds each, and a study of few labels. */
export const whole: RecipeInput = {
  ...tinyRecipe,
  title: "A <tiny> study",
  adaptation: {
    ...tinyRecipe.adaptation,
    seeds: [1, 2],
    methods: [{ name: "scratch" }, { name: "lora", rank: 2 }, { name: "linearProbe", epochs: 4 }],
  },
  studies: [{ name: "labelEfficiency", counts: [8, "all"], methods: ["scratch", "lora"], steps: 2 }],
  evaluation: { ...tinyRecipe.evaluation, floors: [{ metric: "rocAuc", value: 0.6123, name: "mean grey" }] },
};
