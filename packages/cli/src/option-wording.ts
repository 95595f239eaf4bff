import type { Command } from "commander";
import type { OptionWording } from "vesalius";
import { namedOptions } from "./sources.ts";

/** A value as a shell takes it. */
const shellWord = (text: string): string => (/^[\w./%+:,=-]+$/.test(text) ? text : `'${text}'`);

/**
 * How a command names options of data: a flag of its own where it has one, else `--option name=value`; the key of a recipe
 * where the command runs one.
 */
export function optionWording(command: Command | undefined): OptionWording {
  const has = (flags: string): boolean => command?.options.some((option) => option.flags === flags) === true;
  const named: Readonly<Record<string, string>> = { ...namedOptions, allowMissingTrain: "--allow-missing-train" };
  return (name, value) => {
    const flags = Object.hasOwn(named, name) ? named[name]! : undefined;
    if (flags !== undefined && has(flags)) {
      const [flag] = flags.split(" ") as [string];
      return !flags.includes(" ") || value === undefined ? flag : `${flag} ${shellWord(value)}`;
    }
    if (command === undefined || command.options.some(({ long }) => long === "--option"))
      return `--option ${name}=${value === undefined ? "..." : shellWord(value)}`;
    return `the key ${name}${value === undefined ? "" : `: ${value}`} of the dataset in the recipe`;
  };
}
