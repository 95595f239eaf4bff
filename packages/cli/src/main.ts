import { readFile } from "node:fs/promises";
import { type Command, CommanderError } from "commander";
import { tolerateClosedPipes } from "./closed-pipes.ts";
import { optionWording } from "./option-wording.ts";
import { exitCodes, printError } from "./output.ts";
import { createProgram } from "./program.ts";

const json = process.argv.includes("--json");

/** Lets errors come to `main` instead of ending the process, and keeps stdout for the one JSON object. */
function takeOver(command: Command): void {
  command.exitOverride();
  if (json) command.configureOutput({ writeErr: () => {} });
  for (const child of command.commands) takeOver(child);
}

async function main(): Promise<number> {
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const program = createProgram(version);
  takeOver(program);
  const ran = program.commands.find((command) => process.argv.slice(2).includes(command.name()));
  const wording = optionWording(ran);
  try {
    await program.parseAsync();
    // A command that ran but found something wrong has set the code itself.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(error, json, wording);
    // Help and version end that way too.
    if (error.exitCode === 0) return 0;
    return json ? printError(error, true, wording) : exitCodes.usage;
  }
}

tolerateClosedPipes();
process.exitCode = await main();
