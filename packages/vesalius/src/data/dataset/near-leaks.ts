import { kindOf } from "../columns/index.ts";
import { isPresent } from "../columns/storage.ts";
import type { Dataset, Split } from "../split.ts";
import { nearPairs, shinglesOf } from "../text/min-hash.ts";
import { takeRows } from "./rows.ts";

/** Words below which a text is too short to be nearly another one by anything but chance. */
const SHORTEST = 8;

/** Shingles of all texts of an example. */
function shinglesOfRows(split: Split, shingle: number): Uint32Array[] {
  const columns = Object.values(split.columns).map((column) => ({ column, kind: kindOf(column) }));
  return Array.from({ length: split.length }, (_, row) => {
    const text = columns
      .flatMap(({ column, kind }) => (kind.wording && isPresent(column, row) ? [kind.wording(column, row)] : []))
      .join("\n");
    const shingles = shinglesOf(text, shingle);
    return shingles.length < SHORTEST - shingle + 1 ? new Uint32Array(0) : shingles;
  });
}

/** Rows of a split whose texts nearly stand in another split too. */
export interface NearLeaks {
  readonly splits: readonly [string, string];
  /** Rows of the first of the two. */
  readonly rows: readonly number[];
}

/**
 * Finds examples of one split whose texts, all of an example together, are nearly those of an example of a later split:
 * shingles of five words with a Jaccard similarity of at least `threshold`. Texts of fewer than eight words say nothing.
 *
 * @param threshold in (0, 1]
 */
export function nearLeaks({ splits }: Pick<Dataset, "splits">, threshold: number): NearLeaks[] {
  const all = Object.values(splits);
  const shingles = new Map(all.map((split) => [split, shinglesOfRows(split, 5)]));
  return all.flatMap((split, i) =>
    all.slice(i + 1).flatMap((other): NearLeaks[] => {
      const held = shingles.get(other)!;
      const border = held.length;
      const pairs = nearPairs(
        [...held, ...shingles.get(split)!],
        { threshold, shingle: 5, permutations: 128, seed: 0 },
        (first, second) => first < border && second >= border,
      );
      const rows = [...new Set(pairs.map(({ second }) => second - border))].sort((a, b) => a - b);
      return rows.length === 0 ? [] : [{ splits: [split.name, other.name], rows }];
    }),
  );
}

/**
 * Says in the card which splits nearly have texts in common; with `drop` such training examples are left out.
 *
 * @param threshold least Jaccard similarity of shingles of five words
 */
export function withNearLeaks(dataset: Dataset, threshold: number, drop: boolean): Dataset {
  const leaks = nearLeaks(dataset, threshold);
  const { train } = dataset.splits;
  const leaking = new Set(leaks.flatMap(({ splits, rows }) => (drop && splits[0] === "train" ? rows : [])));
  const kept =
    train === undefined || leaking.size === 0 || leaking.size === train.length
      ? train
      : takeRows(
          train,
          Array.from({ length: train.length }, (_, row) => row).filter((row) => !leaking.has(row)),
        );
  const cautions = leaks.map(
    ({ splits: [one, other], rows }) =>
      `${rows.length} ${dataset.unit} of ${one} are nearly the same as some of ${other}${
        kept !== train && one === "train" ? " and were left out" : ": may be leakage"
      }.`,
  );
  return {
    ...dataset,
    card: { ...dataset.card, cautions: [...dataset.card.cautions, ...cautions] },
    splits: kept === undefined ? dataset.splits : { ...dataset.splits, train: kept },
  };
}
