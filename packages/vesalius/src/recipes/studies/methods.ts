import { RecipeProblem } from "../problems/recipe-error.ts";
import type { StudyRecipe } from "./study.ts";

/**
 * The methods of a study: those that it names, or all.
 *
 * @param place of the one at a position among the study's settings
 * @throws RecipeProblem for a label that no method of the adaptation has
 */
export function followMethods(
  given: readonly string[] | undefined,
  { methods }: StudyRecipe,
  place: (position: number) => readonly PropertyKey[] = (position) => ["methods", position],
): readonly string[] {
  const unknown = (given ?? []).findIndex((label) => !methods.includes(label));
  if (unknown >= 0)
    throw new RecipeProblem(
      place(unknown),
      `no method is called ${given![unknown]}; choose from ${methods.join(", ")}`,
    );
  return given ?? methods;
}
