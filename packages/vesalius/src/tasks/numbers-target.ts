import { VesaliusError } from "../common/errors.ts";
import type { NumbersColumn } from "../data/index.ts";

/** Places of targets among the numbers of a column. */
export function placesOf(all: readonly string[], targets: readonly string[], where: string): number[] {
  const missing = targets.filter((name) => !all.includes(name));
  if (missing.length > 0)
    throw new VesaliusError("bad-data", `there are no numbers ${missing.join(", ")}`, {
      where,
      fix: `choose targets among ${all.join(", ")}`,
    });
  return targets.map((name) => all.indexOf(name));
}

/** Known values of one number. */
export const knownOf = ({ values, names, length }: NumbersColumn, place: number): number[] =>
  Array.from({ length }, (_, row) => values[row * names.length + place]!).filter((value) => !Number.isNaN(value));

/** @throws VesaliusError `bad-data` for a number without values, with infinite ones, or with one value alone in training */
export function checkNumber(values: readonly number[], name: string, where: string, training: boolean): void {
  const different = new Set(values).size;
  if (different === 0)
    throw new VesaliusError("bad-data", `no example has a value of ${name}`, {
      where,
      fix: training ? "leave it out of the targets" : "evaluate on a split with values",
    });
  if (values.some((value) => !Number.isFinite(value)))
    throw new VesaliusError("bad-data", `a value of ${name} is infinite`, { where, fix: "correct it or leave it out" });
  if (training && different === 1)
    throw new VesaliusError("bad-data", `all examples have one value of ${name}, which leaves nothing to learn`, {
      where,
      fix: "leave it out of the targets",
    });
}

/** The rows in even parts by the size of a number, -1 where it is missing. */
export function quarters(column: NumbersColumn, place: number): Int32Array {
  const sorted = knownOf(column, place).sort((a, b) => a - b);
  const limits = [1, 2, 3].map((i) => sorted[Math.floor((i * sorted.length) / 4)]!);
  return Int32Array.from({ length: column.length }, (_, row) => {
    const value = column.values[row * column.names.length + place]!;
    return Number.isNaN(value) ? -1 : limits.filter((limit) => value >= limit).length;
  });
}
