import { numberColumn, type TableSection } from "../../report/index.ts";
import { groupBy } from "../../common/group-by.ts";
import { RecipeProblem } from "../problems/recipe-error.ts";
import type { StudyRecipe, StudyResult } from "./study.ts";

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

/** Settings that name methods and seeds, with those of the adaptation where they are left out. */
export const withAdaptation = <
  Settings extends { readonly methods?: readonly string[] | undefined; readonly seeds?: readonly number[] | undefined },
>(
  settings: Settings,
  recipe: StudyRecipe,
) => ({
  ...settings,
  methods: [...followMethods(settings.methods, recipe)],
  seeds: settings.seeds ?? [...recipe.seeds],
});

/**
 * Estimates with a row for each condition and a column for each method.
 *
 * @param shown heading of the conditions
 * @param conditions in the order of the rows, with how each is written
 */
export function estimatesTable<Condition>(
  results: readonly StudyResult[],
  title: string,
  shown: string,
  conditions: readonly Condition[],
  conditionOf: (result: StudyResult) => Condition,
  write: (condition: Condition) => string,
): TableSection {
  const methods = [...groupBy(results, ({ method }) => method)];
  return {
    kind: "table",
    title,
    columns: [{ label: shown }, ...methods.map(([name]) => numberColumn(name))],
    rows: conditions.map((condition) => [
      write(condition),
      ...methods.map(([, points]) => points.find((point) => conditionOf(point) === condition)?.estimate ?? "–"),
    ]),
  };
}
