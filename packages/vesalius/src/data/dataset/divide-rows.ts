import { randomStream } from "../../common/random.ts";
import type { Split } from "../split.ts";
import { identities } from "./leakage.ts";

/** Rows that must stay together: linked by a common group or by identical content, directly or through others. */
export function linkedRows(split: Split): number[][] {
  const parent = Array.from({ length: split.length }, (_, row) => row);
  const root = (row: number): number => {
    let at = row;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (const keys of [split.groups, ...identities(split).map((identity) => identity.keys)]) {
    const first = new Map<string, number>();
    keys?.forEach((key, row) => {
      if (key === undefined) return;
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, row);
      else parent[root(row)] = root(earlier);
    });
  }
  const units = new Map<number, number[]>();
  for (let row = 0; row < split.length; row++) {
    const unit = units.get(root(row));
    if (unit === undefined) units.set(root(row), [row]);
    else unit.push(row);
  }
  return [...units.values()];
}

/** How {@link divideRows} divides. */
export interface Division {
  /** Share of the rows to set aside, in (0, 1). */
  readonly fraction: number;
  readonly seed: number;
  /** Name of the random stream. */
  readonly stream: string;
}

/**
 * Chooses rows to set aside. Units (rows that stay together) are taken in a seeded random order, each one if it brings
 * the strata nearer to their share, so both sides have the strata in proportion as far as the units allow.
 *
 * @param units rows that stay together
 * @param strata `[rows]` stratum of each row of the whole, from 0; everything is one stratum where it is left out
 * @returns the rows set aside, ascending; undefined where no division leaves some of every stratum on the first side
 */
export function divideRows(
  units: readonly (readonly number[])[],
  strata: ArrayLike<number> | undefined,
  { fraction, seed, stream }: Division,
): number[] | undefined {
  const stratumOf = (row: number): number => strata?.[row] ?? 0;
  const size = 1 + units.reduce((most, rows) => rows.reduce((a, row) => Math.max(a, stratumOf(row)), most), 0);
  const counts = units.map((rows) => {
    const found = Array<number>(size).fill(0);
    for (const row of rows) found[stratumOf(row)]!++;
    return found;
  });
  const totals = Array.from({ length: size }, (_, stratum) => counts.reduce((sum, unit) => sum + unit[stratum]!, 0));
  // The fraction, but at least one where a stratum has two or more units.
  const target = totals.map((total, stratum) => {
    const spread = counts.filter((unit) => unit[stratum]! > 0).length;
    return spread < 2 ? 0 : Math.min(Math.max(total * fraction, 1), total - 1);
  });
  const taken = Array<number>(size).fill(0);
  const aside: number[] = [];
  const distance = (stratum: number, added: number): number => (taken[stratum]! + added - target[stratum]!) ** 2;
  for (const unit of randomStream(seed, stream).permutation(units.length)) {
    const change = counts[unit]!.reduce(
      (sum, added, stratum) => sum + distance(stratum, added) - distance(stratum, 0),
      0,
    );
    if (change >= 0) continue;
    for (const row of units[unit]!) aside.push(row);
    counts[unit]!.forEach((added, stratum) => (taken[stratum]! += added));
  }
  const emptied = taken.some((count, stratum) => totals[stratum]! > 0 && count === totals[stratum]);
  return aside.length === 0 || emptied ? undefined : aside.sort((a, b) => a - b);
}
