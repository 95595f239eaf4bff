import { VesaliusError } from "../../common/errors.ts";
import { randomStream } from "../../common/random.ts";
import type { Split } from "../split.ts";
import { linkedRows } from "./divide-rows.ts";
import { completeStrata } from "./hold-out.ts";

/** How {@link divideFolds} divides. */
export interface FoldDivision {
  /** Number of folds, from 2. */
  readonly folds: number;
  readonly seed: number;
  /** `[length]` strata from 0, -1 where one is missing; everything is one stratum where it is left out. */
  readonly strata?: Int32Array | undefined;
}

/**
 * Divides a split into folds for cross-validation. Examples of one group and those with identical content stay in one
 * fold, and the strata are spread evenly as far as the groups allow. Groups come in a seeded random order, each into the
 * fold that lacks its strata most.
 *
 * @returns rows of each fold, ascending; every row is in exactly one
 * @throws VesaliusError `bad-argument` for fewer than 2 folds; `bad-data` for fewer groups than folds
 */
export function divideFolds(split: Split, { folds, seed, strata }: FoldDivision): number[][] {
  if (!Number.isInteger(folds) || folds < 2)
    throw new VesaliusError("bad-argument", `${folds} folds leave nothing to compare`, { fix: "ask for 2 or more" });
  const units = linkedRows(split);
  if (units.length < folds)
    throw new VesaliusError("bad-data", `${units.length} groups cannot be divided into ${folds} folds`, {
      where: `split ${split.name}`,
      fix: "ask for fewer folds",
    });
  const complete = completeStrata(strata);
  const rows = Array.from({ length: folds }, (): number[] => []);
  const counts = rows.map(() => new Map<number, number>());
  /** How much evenness a fold loses by a unit: falls with how few of its strata the fold has. */
  const cost = (fold: number, unit: readonly number[]): number => {
    const added = new Map<number, number>();
    for (const row of unit) added.set(complete?.[row] ?? 0, (added.get(complete?.[row] ?? 0) ?? 0) + 1);
    return [...added].reduce((sum, [stratum, more]) => sum + more * (2 * (counts[fold]!.get(stratum) ?? 0) + more), 0);
  };
  for (const position of randomStream(seed, "folds").permutation(units.length)) {
    const unit = units[position]!;
    const costs = rows.map((_, fold) => cost(fold, unit));
    const best = rows
      .map((_, fold) => fold)
      .reduce((a, b) =>
        costs[b]! < costs[a]! || (costs[b] === costs[a] && rows[b]!.length < rows[a]!.length) ? b : a,
      );
    rows[best]!.push(...unit);
    for (const row of unit) counts[best]!.set(complete?.[row] ?? 0, (counts[best]!.get(complete?.[row] ?? 0) ?? 0) + 1);
  }
  return rows.map((of) => of.sort((a, b) => a - b));
}
