export { builtIn as builtInCatalogues, type Catalogues } from "./catalogues.ts";
export type { Environment } from "./folder/environment.ts";
export { defineRecipe, formatRecipe, parseRecipe, type RecipeOptions } from "./parse.ts";
export { takeStepsEverywhere } from "./data/steps.ts";
export { formatPlan } from "./planning/format-plan.ts";
export { planPretraining, type PlanPretrainingOptions } from "./planning/plan-pretraining.ts";
export { type PlannedRecipe, planRecipe, type PlanRecipeOptions, type Reason } from "./planning/plan-recipe.ts";
export { smokeNotice, syntheticNotice } from "./report/document.ts";
export { type RecipeResult, recipeResult, recipeResultSchema } from "./report/result.ts";
export { type RunReport, runReportSchema } from "./report/run-report.ts";
export { formatSummary, type RunSummary } from "./report/summary.ts";
export type { ResolvedMethod, ResolvedRecipe } from "./resolve.ts";
export { type ParsedRecipe, type RecipeInput, recipeJsonSchema, recipeSchema } from "./schema.ts";
export { parseSetting, type Setting, withSettings } from "./settings.ts";
export type { RunEvent } from "./stages/events.ts";
export {
  type Study,
  studies,
  type StudyData,
  type StudyPoint,
  type StudyRecipe,
  type StudyResult,
} from "./studies/index.ts";
