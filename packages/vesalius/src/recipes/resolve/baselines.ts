import type { Spec } from "../../common/index.ts";
import { RecipeProblem } from "../problems/recipe-error.ts";
import type { ParsedRecipe } from "../schema.ts";

/** Something of a catalogue with the name that reports and folders give it. */
export type LabelledSpec = Spec & { readonly label: string };

/**
 * Completes the baselines of a recipe: their labels.
 *
 * @throws RecipeProblem for baselines without an adaptation, and for labels that repeat or are a method's
 */
export function resolveBaselines(
  { evaluation: { baselines } }: ParsedRecipe,
  adaptation: { readonly methods: readonly { readonly label: string }[] } | undefined,
): readonly LabelledSpec[] {
  const taken = new Set(adaptation?.methods.map(({ label }) => label));
  return baselines.map((spec, i): LabelledSpec => {
    const { name, label = name } = spec;
    const at = ["evaluation", "baselines", i];
    if (adaptation === undefined)
      throw new RecipeProblem(at, "there is no model to hold against a baseline; add a section adaptation");
    if (taken.has(label))
      throw new RecipeProblem(at, `something else is called ${label} already; give the baseline another label`);
    taken.add(label);
    return { ...spec, name, label };
  });
}
