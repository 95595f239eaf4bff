import { Command } from "commander";
import { defineRecipe } from "vesalius/recipes";
import { withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { addPlanOptions, planFor, type PlanFlags } from "../plan-flags.ts";
import { addAskingOptions, addRecipeOptions, type RecipeFlags } from "../recipe-options.ts";
import { runAndReport } from "../run-and-report.ts";
import { dataHelp, exampleData } from "../sources.ts";

type Flags = RecipeFlags & PlanFlags;

export function adaptCommand(): Command {
  const command = new Command("adapt")
    .summary("adapt a network to data: plan a recipe and run it")
    .description(
      "Plans a recipe for a dataset as `vesalius plan` does, and runs it: the model is left in <out>/models, the recipe in <out>/recipe.yaml. " +
        "With --backbone a pretrained one is adapted. Any key of the recipe can be set with --set.",
    )
    .argument("<data>", dataHelp);
  addRecipeOptions(addAskingOptions(addPlanOptions(command))).action(async (path: string, flags: Flags) => {
    const { planned, data } = await planFor(path, flags, "adaptation");
    const recipe = defineRecipe(planned.recipe, { set: flags.set, where: "planned recipe" });
    const output = createOutput(flags.json === true);
    for (const { path: keys, text } of planned.reasons) output.note(`${keys.join(".")}: ${text}`);
    await runAndReport(recipe, { ...flags, followLinks: true, ...(data === undefined ? {} : { data }) }, output);
  });
  return withExamples(
    command,
    "vesalius adapt ./data/pneumoniamnist",
    "vesalius adapt ./data/pneumoniamnist --backbone runs/backbone/pretraining --method lora linearProbe",
    `vesalius adapt ${exampleData} --method scratch --set adaptation.steps=50 --json`,
  );
}
