export * from "./index.ts";
export { currentEnvironment } from "./folder/environment.node.ts";
export { type ShownPrompts, showPrompts } from "./show-prompts.node.ts";
export { rehearseRecipe } from "./rehearse-recipe.node.ts";
export { runRecipe, type RunOutcome, type RunRecipeOptions } from "./run-recipe.node.ts";
// These take the place of the browser entry's things of the same name: they know the readers of folders.
export { builtInCatalogues } from "./catalogues.node.ts";
export { defineRecipe, parseRecipe } from "./parse.node.ts";
