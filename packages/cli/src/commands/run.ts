import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { VesaliusError } from "vesalius";
import { decodeText, readBytes } from "vesalius/data";
import { parseRecipe, type ResolvedRecipe } from "vesalius/recipes";
import { memoryOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { addAskingOptions, addRecipeOptions, type RecipeFlags } from "../recipe-options.ts";
import { runAndReport } from "../run-and-report.ts";

/** Made by the build from `recipes/`, so that it is there wherever the command line is installed. */
const defaultRecipe = fileURLToPath(new URL("../recipes/vision/synthetic-radiographs.yaml", import.meta.url));

async function readRecipe(path: string | undefined, { seed, set }: RecipeFlags): Promise<ResolvedRecipe> {
  const file = path ?? defaultRecipe;
  const bytes = await readBytes(file).catch((error: unknown) => {
    if (error instanceof VesaliusError && error.code !== "missing-file") throw error;
    throw new VesaliusError("missing-file", "the recipe cannot be read", {
      where: path ?? basename(file),
      fix: path === undefined ? "build the command line again: npm run build" : "check the path of the recipe",
      cause: error,
    });
  });
  return parseRecipe(decodeText(bytes, path ?? basename(file)), {
    where: path ?? basename(file),
    set,
    ...(seed === undefined ? {} : { seed }),
  });
}

export function runCommand(): Command {
  const command = new Command("run")
    .summary("run a recipe: pretraining, adaptation, evaluation, report")
    .description(
      "Runs a recipe and leaves one folder: the resolved recipe, metrics, models, report (HTML and JSON), environment, time and energy. " +
        `Without a recipe it runs the built-in ${basename(defaultRecipe, ".yaml")}. The same command on the same --out goes on with an interrupted run; ` +
        "stages that another run has finished with the same settings and data are taken from there.",
    )
    .argument("[recipe]", "recipe file (YAML)")
    .option("--data <folder>", "folder that holds the datasets which the recipe names, or one of them")
    .option("--follow-links", "take datasets in --data, and weights, that are links to places outside");
  addRecipeOptions(addAskingOptions(command.addOption(memoryOption()))).action(
    async (path: string | undefined, flags: RecipeFlags) => {
      await runAndReport(await readRecipe(path, flags), flags, createOutput(flags.json === true));
    },
  );
  return withExamples(
    command,
    "vesalius run",
    "vesalius run recipes/vision/pneumonia.yaml --data ./data --smoke",
    "vesalius run recipes/vision/pneumonia.yaml --data ./data --out runs/pneumonia",
    "vesalius run recipes/vision/pneumonia.yaml --data ./data --set adaptation.seeds=[1] --json > outcome.json",
  );
}
