export * from "./index.ts";
export { runRecipe, type RunOutcome, type RunRecipeOptions } from "./run-recipe.node.ts";
