import type { Spec } from "../../common/index.ts";
import type { Catalogues } from "../catalogues.ts";
import { RecipeProblem, withPlace } from "../problems/recipe-error.ts";
import type { ParsedRecipe } from "../schema.ts";

/** Gives a problem that a study found in its own settings its place in the recipe. */
export const inStudy = <Result>(index: number, work: () => Result): Result => withPlace(["studies", index], work);

/**
 * Completes the studies of a recipe: methods and seeds that they follow.
 *
 * @throws RecipeProblem for studies without an adaptation, and for what a study itself refuses
 */
export function resolveStudies(
  { studies }: ParsedRecipe,
  adaptation:
    | { readonly seeds: readonly number[]; readonly methods: readonly { readonly label: string }[] }
    | undefined,
  catalogues: Catalogues,
): readonly Spec[] | undefined {
  if (studies === undefined || studies.length === 0) return undefined;
  if (adaptation === undefined)
    throw new RecipeProblem(
      ["studies"],
      "studies build on the models of an adaptation, and there is none; add a section adaptation",
    );
  const recipe = { methods: adaptation.methods.map(({ label }) => label), seeds: adaptation.seeds };
  return studies.map((spec, i) => ({
    name: spec.name,
    ...inStudy(i, () => catalogues.studies.create(spec).complete(recipe)),
  }));
}
