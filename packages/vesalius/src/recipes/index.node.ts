export * from "./index.ts";
export { runRecipe, type RunOutcome, type RunRecipeOptions } from "./run-recipe.node.ts";
export { currentEnvironment } from "./run/environment.node.ts";
export { loadBackbone } from "./run/pretraining-stage.node.ts";
