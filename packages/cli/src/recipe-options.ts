import { type Command, InvalidArgumentError, Option } from "commander";
import { VesaliusError } from "vesalius";
import { parseSetting, type Setting } from "vesalius/recipes";
import { jsonOption, positiveInteger, positiveNumber, seedOption, threadsOption } from "./options.ts";
import type { RunFlags } from "./run-and-report.ts";

/** Flags of every command that runs a recipe. */
export interface RecipeFlags extends RunFlags {
  readonly set: readonly Setting[];
  readonly seed?: number;
  readonly json?: true;
}

/** A setting of the command line; one that cannot be read is wrong use, like any other flag. */
function settingOf(text: string, flag: string): Setting {
  try {
    return parseSetting(text, flag);
  } catch (error) {
    throw error instanceof VesaliusError ? new InvalidArgumentError(`write key=value: ${error.fix}.`) : error;
  }
}

/** A flag of the form `--set key=value`, which may be given several times. */
export const settingOption = (flag: string, description: string): Option =>
  new Option(`${flag} <key=value>`, `${description}; may be repeated`)
    .argParser((text: string, before: readonly Setting[]) => [...before, settingOf(text, flag)])
    .default([], "none");

/** Adds `--set key=value`. */
export const addSetOption = (command: Command): Command =>
  command.addOption(settingOption("--set", "setting in place of the recipe's, as adaptation.methods[0].rank=4"));

/** Adds what commands take that run recipes in which a language model may be asked. */
export const addAskingOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        "--allow-endpoint <host>",
        "host, such as localhost:11434, that methods may send what examples say to; may be repeated",
      )
        .argParser((host: string, before: readonly string[]) => [...before, host])
        .default([], "none"),
    )
    .addOption(
      new Option(
        "--show-prompts <count>",
        "print the first prompts of each method that asks a language model; nothing is sent or computed",
      ).argParser(positiveInteger),
    );

/** Adds what every command that runs a recipe takes. */
export const addRecipeOptions = (command: Command): Command =>
  addSetOption(command)
    .option("--out <folder>", "folder of the run (default: runs/<name>-<time>)")
    .option("--stages <folder>", "folder in which runs share finished stages (default: runs/stages for runs in runs)")
    .option("--fresh", "take no finished stage from other runs")
    .option("--smoke", "trial in seconds: smallest network, a handful of examples, few steps")
    .addOption(seedOption("seed in place of the recipe's; seeds that it lists for adaptation stay"))
    .option("--result <file>", "also write the result that tables of recipes are made from")
    .option("--watts-per-core <watts>", "power of a busy core, for estimated energy (default: 12)", positiveNumber)
    .option("--grams-per-kwh <grams>", "CO2e of a kilowatt-hour here (default: 475, the world mean)", positiveNumber)
    .addOption(threadsOption())
    .addOption(jsonOption());
