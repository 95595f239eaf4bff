import { Command } from "commander";
import { runCommand } from "./commands/run.ts";

/** The command line with all its commands. */
export function createProgram(version: string): Command {
  const program = new Command("vesalius")
    .description("Healthcare foundation models: pretrain, adapt, evaluate, export. Research use only.")
    .version(version)
    .showSuggestionAfterError();
  for (const command of [runCommand()]) program.addCommand(command);
  return program;
}
