import { VesaliusError } from "../../common/errors.ts";
import type { ImageDataset } from "../../data/index.ts";
import type { ResolvedRecipe } from "../resolve.ts";

const bad = (what: string, where: string, fix: string): VesaliusError =>
  new VesaliusError("bad-configuration", what, { where, fix });

/**
 * Checks what a recipe says about its task's data once they are open, before any time is spent.
 *
 * @throws VesaliusError `bad-configuration` for a split, class or number of labels that the data do not have;
 * `bad-data` for images without labels
 */
export function checkRecipeData(recipe: ResolvedRecipe, dataset: ImageDataset | undefined): void {
  const { adaptation, evaluation, labelEfficiency } = recipe;
  if (adaptation === undefined || dataset === undefined) return;
  const split = dataset[evaluation.split];
  if (split === undefined)
    throw bad(
      `${dataset.name} has no ${evaluation.split} split`,
      "evaluation.split",
      "choose a split that the data have",
    );
  for (const { name, labels } of [dataset.train, split])
    if (labels === undefined)
      throw new VesaliusError("bad-data", `the ${name} images carry no labels`, {
        where: dataset.name,
        fix: "adapt to labelled images",
      });
  const { positiveClass } = evaluation;
  if (positiveClass !== undefined && !dataset.labels.includes(positiveClass))
    throw bad(
      `there is no class ${positiveClass}`,
      "evaluation.positiveClass",
      `choose one of ${dataset.labels.join(", ")}`,
    );
  labelEfficiency?.counts.forEach((count, i) => {
    if (count !== "all" && (count > dataset.train.length || count < dataset.labels.length))
      throw bad(
        `${count} of ${dataset.train.length} training images cannot be drawn with one of each of ${dataset.labels.length} classes`,
        `labelEfficiency.counts[${i}]`,
        `choose ${dataset.labels.length} to ${dataset.train.length}, or all`,
      );
  });
}
