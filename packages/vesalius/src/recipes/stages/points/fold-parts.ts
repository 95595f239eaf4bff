import type { Split } from "../../../data/index.ts";
import { divideFolds, joinSplits, takeRows } from "../../../data/dataset/index.ts";
import type { StudyPoint } from "../../studies/study.ts";
import type { RunParts } from "../run-parts.ts";

/** One fold of cross-validation: what a model is adapted to, and what it is evaluated on. */
export interface Fold {
  readonly train: Split;
  readonly evaluated: Split;
  /** Training and evaluated split of the run together, which are divided. */
  readonly whole: Split;
  /** Rows of the whole that are evaluated. */
  readonly rows: readonly number[];
}

/** The folds of a run, each division made once: models of several methods share its splits. */
export function foldsOf({ data, evaluated, task }: RunParts): (point: StudyPoint) => Fold | undefined {
  const divisions = new Map<string, readonly Fold[]>();
  let whole: Split | undefined;
  const divide = (folds: number, seed: number): readonly Fold[] => {
    whole ??= joinSplits([data.train!, evaluated!]);
    const split = whole;
    return divideFolds(split, { folds, seed, strata: task!.strata?.(split) }).map((rows, at) => {
      const held = new Set(rows);
      const others = split.ids.flatMap((_, row) => (held.has(row) ? [] : [row]));
      const name = `fold ${at + 1} of ${folds}`;
      return { train: takeRows(split, others), evaluated: { ...takeRows(split, rows), name }, whole: split, rows };
    });
  };
  return ({ fold, seed }) => {
    if (fold === undefined) return undefined;
    const key = `${fold.of} ${seed}`;
    const found = divisions.get(key) ?? divide(fold.of, seed);
    divisions.set(key, found);
    return found[fold.number];
  };
}

/** The parts of a run as a point on a fold sees them. */
export const partsOfFold = (parts: RunParts, fold: Fold | undefined): RunParts =>
  fold === undefined ? parts : { ...parts, data: { ...parts.data, train: fold.train }, evaluated: fold.evaluated };
