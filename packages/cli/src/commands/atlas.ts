import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { parse } from "yaml";
import { VesaliusError } from "vesalius";
import { atlasRecipe, citation, type SurveyedMethod, surveyedMethod, surveyedMethods } from "vesalius/atlas";
import { decodeText, readBytes } from "vesalius/data";
import { defineRecipe } from "vesalius/recipes";
import { jsonOption, memoryOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { addAskingOptions, addRecipeOptions, type RecipeFlags } from "../recipe-options.ts";
import { runAndReport } from "../run-and-report.ts";
import { formatPairs, formatTable } from "../table.ts";

/** The committed recipe that a method starts from; the build puts it beside the command line. */
async function baseOf({ recipe }: SurveyedMethod): Promise<unknown> {
  const file = fileURLToPath(new URL(`../recipes/${recipe.base}.yaml`, import.meta.url));
  try {
    return parse(decodeText(await readBytes(file), recipe.base));
  } catch (error) {
    throw new VesaliusError("missing-file", "the recipe that the method starts from cannot be read", {
      where: recipe.base,
      fix: "build the command line again: npm run build",
      cause: error,
    });
  }
}

function listCommand(): Command {
  const command = new Command("list")
    .summary("list the surveyed methods that run here")
    .description("Lists the methods of the survey that have a recipe here: paradigms, network, task, recipe.")
    .option("--subfield <name>", "of one subfield alone: language, vision, bioinformatics, multimodal")
    .addOption(jsonOption())
    .action(({ subfield, json }: { subfield?: string; json?: true }) => {
      const found = surveyedMethods.filter((one) => subfield === undefined || one.subfield === subfield);
      createOutput(json === true).result(
        found,
        formatTable(
          ["method", "year", "pretraining", "adaptation", "network", "task", "recipe"],
          found.map(({ id, paper, pretraining, adaptation, uses, recipe }) => [
            id,
            paper.year,
            pretraining.join(", ") || "none",
            adaptation.join(", "),
            uses.architecture,
            uses.task,
            recipe.base,
          ]),
        ),
      );
    });
  return withExamples(command, "vesalius atlas list", "vesalius atlas list --subfield language --json");
}

function showCommand(): Command {
  const command = new Command("show")
    .summary("say what a surveyed method is, and what its recipe does otherwise")
    .description(
      "Says of a method of the survey what it is, what of this library runs it, and what the recipe does otherwise than the paper.",
    )
    .argument("<method>", "identifier or name (vesalius atlas list)")
    .addOption(jsonOption())
    .action((name: string, { json }: { json?: true }) => {
      const method = surveyedMethod(name);
      createOutput(json === true).result(
        method,
        formatPairs([
          ["Method", `${method.name}, table ${method.table} of the survey`],
          ["Paper", citation(method.paper)],
          ...(method.paper.url === undefined ? [] : [["Page", method.paper.url] as const]),
          ["Pretraining", method.pretraining.join(", ") || "none: it adapts a model of others"],
          ["Adaptation", method.adaptation.join(", ")],
          ["Network", `${method.backbone}; here ${method.uses.architecture}`],
          ["Recipe", method.recipe.base],
          ...method.departs.map((one, i) => [i === 0 ? "Otherwise" : "", one] as const),
          ...(method.note === undefined ? [] : [["Note", method.note] as const]),
        ]),
      );
    });
  return withExamples(command, "vesalius atlas show biobert");
}

function runCommand(): Command {
  const command = new Command("run")
    .summary("run a surveyed method's recipe")
    .description(
      "Runs the recipe of a method of the survey: its base with what the method changes, on the data that the base names.",
    )
    .argument("<method>", "identifier or name (vesalius atlas list)")
    .option("--data <folder>", "folder that holds the datasets which the recipe names, or one of them")
    .option("--follow-links", "take datasets in --data that are links to places outside of it");
  addRecipeOptions(addAskingOptions(command.addOption(memoryOption()))).action(
    async (name: string, flags: RecipeFlags) => {
      const method = surveyedMethod(name);
      const { set, seed } = flags;
      const recipe = defineRecipe(atlasRecipe(method, await baseOf(method)), {
        where: method.id,
        set,
        ...(seed === undefined ? {} : { seed }),
      });
      await runAndReport(recipe, flags, createOutput(flags.json === true));
    },
  );
  return withExamples(command, "vesalius atlas run biobert --data ./data --smoke");
}

export function atlasCommand(): Command {
  return new Command("atlas")
    .summary("methods of the survey as recipes")
    .description("Methods of the survey of healthcare foundation models, each with the recipe that runs it in small.")
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(runCommand());
}
