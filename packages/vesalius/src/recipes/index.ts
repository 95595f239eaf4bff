export { defineRecipe, formatRecipe, parseRecipe, type RecipeOverrides } from "./parse.ts";
export { type ResolvedMethod, type ResolvedRecipe, resolveRecipe } from "./resolve.ts";
export { type ParsedRecipe, type RecipeInput, recipeJsonSchema, recipeSchema } from "./schema.ts";
export type { Environment } from "./run/environment.ts";
export type { RunEvent } from "./run/events.ts";
export { type RunReport, runReportSchema } from "./report/run-report.ts";
export { formatSummary, type RunSummary } from "./report/summary.ts";
export { syntheticNotice } from "./report/document.ts";
