import { type Command, InvalidArgumentError, Option } from "commander";

function wholeNumber(lowest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < lowest)
      throw new InvalidArgumentError(`write a whole number from ${lowest}.`);
    return value;
  };
}

/** Parses a whole number of at least 1. */
export const positiveInteger = wholeNumber(1);
/** Parses a whole number of at least 0. */
export const nonNegativeInteger = wholeNumber(0);

/** Parses a number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError("write a number above 0.");
  return value;
}

export const jsonOption = (): Option => new Option("--json", "print exactly one JSON object on stdout");
export const threadsOption = (): Option =>
  new Option("--threads <count>", "threads of the engine (default: all cores)").argParser(positiveInteger);
export const seedOption = (what: string): Option => new Option("--seed <number>", what).argParser(nonNegativeInteger);

/** Adds examples below a command's help. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ ${example}`).join("\n")}`);
}
