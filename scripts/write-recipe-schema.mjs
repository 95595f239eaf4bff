#!/usr/bin/env node
/**
 * Writes the JSON Schema of recipes, by which editors complete and check them. Needs built files.
 *
 *     node scripts/write-recipe-schema.mjs
 */
import { writeFileSync } from "node:fs";
import { builtInCatalogues, recipeJsonSchema } from "vesalius/recipes";

const file = new URL("../recipes/recipe.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(recipeJsonSchema(builtInCatalogues), null, 2)}\n`);
