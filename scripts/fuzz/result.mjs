/** Keeps what fuzzing found, reader by reader, as a committed file and as a table. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Kinds of fault by the column that counts them. */
const columns = {
  hangs: ["limit"],
  crashes: ["crash"],
  untyped: ["untyped", "seedRefused"],
  notFinite: ["notFinite"],
};

/**
 * Writes the counts of a reader into a file, those of other readers kept.
 *
 * @param {string} file
 * @param {{ reader: string, seed: number, first: number, date: string, tried: number, read: number, refused: number, kinds: ReadonlyMap<string, number> }} found
 */
export function keepResult(file, { reader, seed, first, date, tried, read, refused, kinds }) {
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { name: "fuzz", readers: {} };
  const counts = Object.fromEntries(
    Object.entries(columns).map(([column, of]) => [column, of.reduce((sum, kind) => sum + (kinds.get(kind) ?? 0), 0)]),
  );
  const readers = { ...before.readers, [reader]: { inputs: tried, seed, first, read, refused, ...counts, date } };
  const sorted = Object.fromEntries(
    Object.keys(readers)
      .sort()
      .map((name) => [name, readers[name]]),
  );
  writeFileSync(file, `${JSON.stringify({ name: "fuzz", readers: sorted }, null, 2)}\n`);
}

/** The counts of all readers as lines of Markdown. */
export const tableOfReaders = ({ readers }) => [
  "| reader | changed inputs | seed | read | refused | hangs | crashes | untyped errors | not finite | date |",
  "|---|---|---|---|---|---|---|---|---|---|",
  ...Object.entries(readers).map(
    ([name, { inputs, seed, read, refused, hangs, crashes, untyped, notFinite, date }]) =>
      `| ${[name, inputs.toLocaleString("en-US"), seed, read, refused, hangs, crashes, untyped, notFinite, date].join(" | ")} |`,
  ),
];
