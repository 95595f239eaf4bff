import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { VesaliusError } from "vesalius";
import { parseRecipe, type ResolvedRecipe } from "vesalius/recipes";
import { jsonOption, positiveNumber, seedOption, threadsOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { type RunFlags, runAndReport } from "../run-and-report.ts";

/** Made by the build from `recipes/`, so that it is there wherever the command line is installed. */
const defaultRecipe = fileURLToPath(new URL("../recipes/vision/synthetic-radiographs.yaml", import.meta.url));

async function readRecipe(path: string | undefined, seed: number | undefined): Promise<ResolvedRecipe> {
  const file = path ?? defaultRecipe;
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new VesaliusError("missing-file", "the recipe cannot be read", {
      where: path ?? basename(file),
      fix: path === undefined ? "build the command line again: npm run build" : "check the path of the recipe",
      cause: error,
    });
  });
  return parseRecipe(text, path ?? basename(file), seed === undefined ? {} : { seed });
}

interface Flags extends RunFlags {
  readonly json?: true;
  readonly seed?: number;
}

export function runCommand(): Command {
  const command = new Command("run")
    .summary("run a recipe: pretraining, adaptation, evaluation, report")
    .description(
      "Runs a recipe and leaves one folder: the resolved recipe, metrics, models, report (HTML and JSON), environment, time and energy. " +
        "Without a recipe it runs the built-in one on synthetic radiographs. The same command on the same --out goes on with an interrupted run.",
    )
    .argument("[recipe]", "recipe file (YAML)")
    .option("--data <folder>", "folder that holds the datasets which the recipe names, or one of them")
    .option("--out <folder>", "folder of the run (default: runs/<name>-<time>)")
    .addOption(seedOption("seed in place of the recipe's; seeds that it lists for adaptation stay"))
    .option("--watts-per-core <watts>", "power of a busy core, for estimated energy (default: 12)", positiveNumber)
    .option("--grams-per-kwh <grams>", "CO2e of a kilowatt-hour here (default: 475, the world mean)", positiveNumber)
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (path: string | undefined, { seed, json, ...flags }: Flags) => {
      await runAndReport(await readRecipe(path, seed), flags, createOutput(json === true));
    });
  return withExamples(
    command,
    "vesalius run",
    "vesalius run recipes/vision/pneumonia.yaml --data ./data --out runs/pneumonia",
    "vesalius run recipes/vision/pneumonia.yaml --data ./data --json > outcome.json",
  );
}
