import { parseArgs } from "node:util";

/** How the program is used. @param names of the benchmarks */
export const usageOf = (names: readonly string[]): string => `usage: npm run bench -- NAME [--json] [--write] [--quick]
       npm run bench -- record RUN [--json] [--write]

  NAME      measures: ${names.join(", ")}
  record    takes the figures of a finished run from its folder
  --json    print one JSON object in place of a table
  --write   also write benchmarks/results/NAME.json (the recipe's name for a run), and the figures of README.md
  --quick   as little as exercises every way of measuring, to try the program; the figures mean nothing and are not
            written. With VESALIUS_THOROUGH=1 in the environment every row
`;

/** What the program was asked for. */
export interface Asked {
  readonly name: string;
  /** The finished run that is recorded. */
  readonly folder: string | undefined;
  readonly json: boolean;
  readonly write: boolean;
  readonly quick: boolean;
}

/**
 * Reads the arguments of the program.
 *
 * @throws TypeError for arguments that ask for nothing, or for several things
 */
export function readArguments(args: readonly string[], names: readonly string[]): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
    },
  });
  const [name, folder, ...rest] = positionals;
  const recorded = name === "record" && folder !== undefined && !values.quick;
  const measured = name !== undefined && names.includes(name) && folder === undefined;
  if (!(recorded || measured) || rest.length > 0 || (values.quick && values.write))
    throw new TypeError("name one benchmark, or a run to record; --quick and --write exclude each other");
  return { ...values, name, folder };
}
