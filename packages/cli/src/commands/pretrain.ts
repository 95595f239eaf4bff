import { Command, Option } from "commander";
import { builtInCatalogues, defineRecipe, planPretraining } from "vesalius/recipes";
import { withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { addRecipeOptions, type RecipeFlags } from "../recipe-options.ts";
import { runAndReport } from "../run-and-report.ts";
import {
  addDividedDataOptions,
  dataHelp,
  type DividedDataFlags,
  exampleData,
  openData,
  recipeSources,
  withDivision,
} from "../sources.ts";

const { architectures, objectives } = builtInCatalogues;

interface Flags extends RecipeFlags, DividedDataFlags {
  readonly network?: string;
  readonly objective?: string;
}

export function pretrainCommand(): Command {
  const command = new Command("pretrain")
    .summary("pretrain a backbone on data without labels")
    .description(
      "Chooses a network that reads the data and an objective that it learns from them, and pretrains it on the training splits of one or several datasets; labels are not looked at. " +
        "The backbone is left in <out>/pretraining. Any key of the recipe can be set with --set.",
    )
    .argument("<data...>", dataHelp)
    .addOption(
      new Option("--network <name>", "architecture, in place of the one that fits").choices(architectures.names),
    )
    .addOption(
      new Option("--objective <name>", "what it learns, in place of the one that fits").choices(objectives.names),
    );
  addRecipeOptions(addDividedDataOptions(command)).action(async (paths: string[], flags: Flags) => {
    const said = withDivision(flags);
    const { sources, data } = await recipeSources(paths, said);
    const { dataset } = await openData(paths[0]!, said);
    const { network, objective, seed } = flags;
    const { recipe, reasons } = planPretraining(dataset, {
      sources,
      ...(network === undefined ? {} : { network }),
      ...(objective === undefined ? {} : { objective }),
      ...(seed === undefined ? {} : { seed }),
    });
    const output = createOutput(flags.json === true);
    for (const { path: keys, text } of reasons) output.note(`${keys.join(".")}: ${text}`);
    const resolved = defineRecipe(recipe, { set: flags.set, where: "planned recipe" });
    await runAndReport(resolved, { ...flags, followLinks: true, ...(data === undefined ? {} : { data }) }, output);
  });
  return withExamples(
    command,
    "vesalius pretrain ./data/pneumoniamnist --set pretraining.epochs=60 --out runs/backbone",
    "vesalius pretrain ./data/mednist ./data/pneumoniamnist --set backbone.preset=tiny",
    `vesalius pretrain ${exampleData} --set pretraining.epochs=5`,
  );
}
