import type { RecipeInput } from "../recipes/index.ts";
import { mergePatch } from "./merge-patch.ts";
import { citation } from "./paper.ts";
import type { SurveyedMethod } from "./surveyed-method.ts";

/**
 * The recipe that runs a surveyed method: its base with what the method changes in it, under the method's name, and what it
 * does otherwise than the paper as its description.
 *
 * @param base the committed recipe that the method names, as it was read
 */
export function atlasRecipe(method: SurveyedMethod, base: unknown): RecipeInput {
  const { id, name, paper, recipe, departs } = method;
  const changed = mergePatch(base, recipe.change ?? {}) as RecipeInput;
  return {
    ...changed,
    name: id,
    title: `${name} (${citation(paper)})`,
    description: `Otherwise than in the paper: ${departs.join("; ")}.`,
  };
}
