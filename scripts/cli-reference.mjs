#!/usr/bin/env node
/**
 * Writes the help of every command into docs/cli.md, as the command line itself prints it.
 *
 *     node scripts/cli-reference.mjs          write
 *     node scripts/cli-reference.mjs --check  exit 1 where the page is not current
 *
 * It reads the built command line: run `npm run build` first.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fillRegions, root, runAsProgram } from "./regions.mjs";

/** What a command prints for `--help`. */
function helpOf(command) {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 96 });
  command.outputHelp();
  return text.trimEnd().split("\n");
}

/** Commands that do something, with their full names; those that only hold others are not listed. */
const leavesOf = (command, name = command.name()) =>
  command.commands.length === 0
    ? [{ name, command }]
    : command.commands.flatMap((inner) => leavesOf(inner, `${name} ${inner.name()}`));

/** The page with the help of every command filled in. */
export async function fillCommands(text) {
  const { createProgram } = await import(pathToFileURL(join(root, "packages/cli/dist/program.js")).href);
  const program = createProgram("0.0.0");
  const sections = leavesOf(program).flatMap(({ name, command }) => [
    `### ${name}`,
    "",
    "```text",
    ...helpOf(command),
    "```",
    "",
  ]);
  return fillRegions(text, "cli", { commands: sections });
}

await runAsProgram(import.meta.url, { "docs/cli.md": fillCommands });
