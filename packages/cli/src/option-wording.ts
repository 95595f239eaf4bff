import type { Command } from "commander";
import type { OptionWording } from "vesalius";
import { namedOptions } from "./sources.ts";

/** A value as a shell takes it. */
const shellWord = (text: string): string => (/^[\w./%+:,=-]+$/.test(text) ? text : `'${text}'`);

/** Options of a run: those that a command has no flag for are what it is called with. */
const ofRuns: ReadonlySet<string> = new Set(["data", "out", "followLinks", "allowEndpoint", "showPrompts"]);

/** The flag that an option of a run would have: `--follow-links`. */
const flagOf = (name: string): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * How a command names options of the library: a flag of its own where it has one, else `--option name=value` for those of
 * data; the key of a recipe where the command runs one.
 */
export function optionWording(command: Command | undefined): OptionWording {
  const has = (flags: string): boolean => command?.options.some((option) => option.flags === flags) === true;
  const named: Readonly<Record<string, string>> = { ...namedOptions, allowMissingTrain: "--allow-missing-train" };
  return (name, value) => {
    if (ofRuns.has(name)) {
      const there = command === undefined || command.options.some(({ long }) => long === flagOf(name));
      const shown = value === undefined || value === "true" ? flagOf(name) : `${flagOf(name)} ${shellWord(value)}`;
      return there ? shown : `the arguments of ${command.name()}`;
    }
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
