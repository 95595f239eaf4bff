import type { Split } from "../split.ts";
import { type Division, divideRows, linkedRows } from "./divide-rows.ts";
import { takeRows } from "./rows.ts";

/** Missing values as a stratum of their own. */
export const completeStrata = (strata: Int32Array | undefined): Int32Array | undefined => {
  const missing = (strata?.reduce((a, b) => Math.max(a, b), -1) ?? -1) + 1;
  return strata?.map((stratum) => (stratum < 0 ? missing : stratum));
};

/** The rows of a split that are not among some. */
export function otherRows({ length }: Pick<Split, "length">, rows: readonly number[]): number[] {
  const taken = new Set(rows);
  return Array.from({ length }, (_, row) => row).filter((row) => !taken.has(row));
}

/** A split in two parts. */
export interface HeldOut {
  readonly kept: Split;
  readonly heldOut: Split;
}

/**
 * Holds a share of a split's examples out. Examples of one group and those with identical content stay on one side, and
 * both sides have the strata in proportion as far as the groups allow.
 *
 * @param strata `[length]` strata from 0, -1 where one is missing; everything is one stratum where it is left out
 * @returns both parts in the order of the split; undefined where no division leaves some of every stratum
 */
export function holdOut(split: Split, strata: Int32Array | undefined, division: Division): HeldOut | undefined {
  const rows = divideRows(linkedRows(split), completeStrata(strata), division);
  return rows && { kept: takeRows(split, otherRows(split, rows)), heldOut: takeRows(split, rows) };
}
