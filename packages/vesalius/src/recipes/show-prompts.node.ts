import type { Message } from "../data/index.ts";
import { VesaliusError } from "../common/errors.ts";
import { builtInCatalogues } from "./catalogues.node.ts";
import { openRun } from "./open-run.node.ts";
import { defineRecipe } from "./parse.ts";
import { withRecipeErrors } from "./problems/recipe-error.ts";
import { methodNamed } from "./resolve.ts";
import type { RunRecipeOptions } from "./run-recipe.node.ts";
import type { RecipeInput } from "./schema.ts";
import { partsOfMethod } from "./stages/run-parts.ts";

/** What a method would say first. */
export interface ShownPrompts {
  /** Label of the method. */
  readonly method: string;
  /** Host and port that it would be sent to; null where it stays on the machine. */
  readonly sentTo: string | null;
  readonly prompts: readonly (readonly Message[])[];
}

/**
 * What the methods of a recipe that ask a language model would say, word for word and in order, without asking anything:
 * nothing is sent, no model is opened. What builds on an earlier answer has a placeholder in its place. The words of
 * examples stand in it.
 *
 * @param count prompts of each method
 * @throws VesaliusError `bad-configuration` for a recipe that does not go together, or in which nothing is asked
 */
export async function showPrompts(
  recipe: RecipeInput,
  {
    catalogues = builtInCatalogues,
    smoke = false,
    ...options
  }: Pick<RunRecipeOptions, "catalogues" | "data" | "maxBytes" | "followLinks" | "smoke">,
  count: number,
): Promise<readonly ShownPrompts[]> {
  const resolved = defineRecipe(recipe, { catalogues });
  return withRecipeErrors(async () => {
    const opened = await openRun(resolved, catalogues, { ...options, smoke, asksNothing: true });
    const shown: ShownPrompts[] = [];
    for (const method of opened.recipe.adaptation?.methods ?? []) {
      const { answering } = methodNamed(method, catalogues);
      if (answering === undefined) continue;
      const { start, task, data, evaluated, place, recipe: run } = partsOfMethod(opened, method.label);
      const [seed = run.seed] = run.adaptation!.seeds;
      const context = { task: task!, train: data.train!, backbone: start, seed, place };
      const prompts = await answering.show(context, evaluated!, count);
      shown.push({ method: method.label, sentTo: answering.sendsTo ?? null, prompts });
    }
    if (shown.length === 0)
      throw new VesaliusError("bad-configuration", "no method of the recipe asks a language model", {
        where: "adaptation.methods",
      });
    return shown;
  });
}
