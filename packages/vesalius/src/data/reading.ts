import { z } from "zod";
import type { Spec } from "../common/catalogue.ts";
import { openingShape } from "./opening-options.ts";

const specSchema = z.looseObject({ name: z.string() });

/** How examples were read, so that others can be read the same way; plain data that a saved model holds. */
export const readingSchema = z.object({
  /** The program that drew them, where it was one. */
  generator: z.string().optional(),
  /** What differs from the defaults of `openDataset` and of the reader, or of the generator. */
  options: z.record(z.string(), z.unknown()),
  /** Steps that were taken with every split. */
  steps: z.array(specSchema).default([]),
});

/** How examples were read. */
export type Reading = z.output<typeof readingSchema>;

const defaults: Readonly<Record<string, unknown>> = z.object(openingShape).parse({});
/** What depends on the machine, not on the data. */
const left: ReadonlySet<string> = new Set(["maxBytes"]);
/** What divides data or refuses them, which examples to be answered are not asked. */
const ofDatasets: ReadonlySet<string> = new Set(
  Object.keys(openingShape).filter((key) => key !== "reader" && key !== "maxBytes"),
);

/**
 * How a source of data was read.
 *
 * @param options as they were given to `openDataset` or to the generator
 */
export function readingOf(
  options: Readonly<Record<string, unknown>>,
  steps: readonly Spec[] = [],
  generator?: string,
): Reading {
  const said = Object.entries(options).filter(
    ([key, value]) =>
      value !== undefined && !left.has(key) && JSON.stringify(value) !== JSON.stringify(defaults[key] ?? undefined),
  );
  return {
    ...(generator === undefined ? {} : { generator }),
    options: Object.fromEntries(said),
    steps: steps.map((step) => ({ ...step })),
  };
}

/**
 * Options with which examples that are to be answered may be read as a model's own were, from all that was said to the
 * least: what they are answered with need not be there.
 *
 * @param columns names that the model reads
 */
export function inputOptions({ options }: Reading, columns: readonly string[]): Readonly<Record<string, unknown>>[] {
  const own = Object.entries(options).filter(([key]) => !ofDatasets.has(key));
  const declared = z.record(z.string(), z.unknown()).safeParse(options["columns"]);
  const read = Object.entries(declared.data ?? {}).filter(([name]) => columns.includes(name));
  const restricted = read.length === 0 ? {} : { columns: Object.fromEntries(read) };
  const { columns: _columns, ...others } = Object.fromEntries(own);
  return [{ ...others, ...restricted }, restricted, {}].filter(
    (one, i, all) => all.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === i,
  );
}
