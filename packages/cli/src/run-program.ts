import { readFile } from "node:fs/promises";
import { type Command, CommanderError } from "commander";
import { optionWording } from "./option-wording.ts";
import { exitCodes, printError } from "./output.ts";
import { createProgram } from "./program.ts";

/** Lets errors come to the caller instead of ending the process, and keeps stdout for the one JSON object. */
function takeOver(command: Command, json: boolean): void {
  command.exitOverride();
  if (json) command.configureOutput({ writeErr: () => {} });
  for (const child of command.commands) takeOver(child, json);
}

/**
 * Runs the command line on arguments, and prints what it finds.
 *
 * @param args what follows the program's name
 * @returns the exit code
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  const json = args.includes("--json");
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const program = createProgram(version);
  takeOver(program, json);
  const ran = program.commands.find((command) => args.includes(command.name()));
  const wording = optionWording(ran);
  try {
    await program.parseAsync(args, { from: "user" });
    // A command that ran but found something wrong has set the code itself.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(error, json, wording);
    // Help and version end that way too.
    if (error.exitCode === 0) return 0;
    return json ? printError(error, true, wording) : exitCodes.usage;
  }
}
