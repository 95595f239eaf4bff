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

const byteUnits: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** Parses a number of bytes: `4GB`, `500MB`, `2GiB`, `1000000`. */
function byteCount(text: string): number {
  const [, number = "", unit = "", binary = ""] = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(i)?)?b?$/i.exec(text.trim()) ?? [];
  const power = Object.keys(byteUnits).indexOf(unit.toLowerCase());
  const bytes = Math.floor(Number(number) * (binary === "" ? byteUnits[unit.toLowerCase()]! : 1024 ** power));
  if (number === "" || !Number.isSafeInteger(bytes) || bytes < 1)
    throw new InvalidArgumentError("write a number of bytes, for example 4GB.");
  return bytes;
}

/** The flag that bounds what reading may hold in memory. */
export const memoryOption = (): Option =>
  new Option("--memory <size>", "most memory that reading data may take, for example 4GB (default: 2 GiB)").argParser(
    byteCount,
  );

export const jsonOption = (): Option => new Option("--json", "print exactly one JSON object on stdout");
export const threadsOption = (): Option =>
  new Option("--threads <count>", "threads of the engine (default: all cores)").argParser(positiveInteger);
export const seedOption = (what: string): Option => new Option("--seed <number>", what).argParser(nonNegativeInteger);

/** Adds examples below a command's help. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ ${example}`).join("\n")}`);
}
