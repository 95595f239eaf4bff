import { builtInCatalogues } from "./catalogues.node.ts";
import { defineRecipe as define, parseRecipe as parse, type RecipeOptions } from "./parse.ts";
import type { ResolvedRecipe } from "./resolve.ts";
import type { RecipeInput } from "./schema.ts";

/** {@link parse} with the readers of folders among what a recipe can name. */
export const parseRecipe = (text: string, options: RecipeOptions = {}): ResolvedRecipe =>
  parse(text, { catalogues: builtInCatalogues, ...options });

/** {@link define} with the readers of folders among what a recipe can name. */
export const defineRecipe = (recipe: RecipeInput, options: RecipeOptions = {}): ResolvedRecipe =>
  define(recipe, { catalogues: builtInCatalogues, ...options });
