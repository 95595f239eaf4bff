import type { Catalogues } from "./catalogues.ts";
import { builtInCatalogues } from "./catalogues.node.ts";
import { openRun } from "./open-run.node.ts";
import { defineRecipe } from "./parse.ts";
import { withRecipeErrors } from "./problems/recipe-error.ts";
import type { ResolvedRecipe } from "./resolve.ts";
import type { RecipeInput } from "./schema.ts";
import { planRun, type RunPlan } from "./stages/plan.node.ts";
import { rehearseRun } from "./stages/rehearse.node.ts";
import type { RunParts } from "./stages/run-parts.ts";

/** A run that was opened and rehearsed. */
interface RehearsedRun {
  readonly parts: RunParts;
  readonly plan: RunPlan;
  /** What is allowed and worth a thought. */
  readonly worthAThought: readonly string[];
}

/** Opens all that a recipe names and goes through its run on a few examples, before any time is spent. */
export const rehearsed = (
  recipe: ResolvedRecipe,
  catalogues: Catalogues,
  options: NonNullable<Parameters<typeof openRun>[2]>,
): Promise<RehearsedRun> =>
  withRecipeErrors(async () => {
    const parts = await openRun(recipe, catalogues, options);
    const plan = planRun(parts);
    return { parts, plan, worthAThought: await rehearseRun(parts, plan) };
  });

/**
 * Goes through the run of a recipe on a few examples without computing anything, as `runRecipe` does before it begins: data
 * are opened, every method's graph is built, every part of the recipe is held against the others.
 *
 * @returns what is allowed and worth a thought
 * @throws VesaliusError what `runRecipe` throws before anything is computed
 */
export async function rehearseRecipe(
  recipe: RecipeInput,
  {
    catalogues = builtInCatalogues,
    ...options
  }: NonNullable<Parameters<typeof openRun>[2]> & { readonly catalogues?: Catalogues } = {},
): Promise<readonly string[]> {
  return (await rehearsed(defineRecipe(recipe, { catalogues }), catalogues, options)).worthAThought;
}
