import { findLeaks, type Leak, leakageError, takeRows } from "../../data/dataset/index.ts";
import type { Dataset, Split } from "../../data/index.ts";
import type { ResolvedSource } from "../resolve.ts";

/** A split that pretraining learns from, as it was read. */
export interface Pool {
  readonly source: ResolvedSource;
  readonly dataset: Dataset;
  readonly split: Split;
}

/**
 * Rows of a pool that the held-out splits of other datasets hold too. Inside one dataset, opening it has looked already;
 * groups of two datasets are not compared, since the same number is another patient there.
 */
function leaksOf(
  { dataset, split }: Pool,
  datasets: readonly Dataset[],
  trained: ReadonlySet<Split>,
): (Leak & { readonly dataset: Dataset })[] {
  return datasets
    .filter((other) => other !== dataset)
    .flatMap((other) =>
      Object.values(other.splits)
        .filter((held) => !trained.has(held))
        .flatMap((held) => findLeaks(split, held))
        .filter(({ reason }) => reason === "identical content")
        .map((leak) => ({ ...leak, dataset: other })),
    );
}

/**
 * The rows of a pool that pretraining may learn from: what another dataset of the run holds back is refused, or left out
 * where the source says `drop-from-train`.
 *
 * @param trained splits that something is trained on
 * @throws VesaliusError `data-leakage`
 */
export function withoutLeaks(pool: Pool, datasets: readonly Dataset[], trained: ReadonlySet<Split>): Split {
  const { source, split } = pool;
  if (source["leakage"] === "allow-identical") return split;
  const leaks = leaksOf(pool, datasets, trained);
  if (leaks.length === 0) return split;
  const [{ dataset }] = leaks as [(typeof leaks)[number]];
  if (source["leakage"] !== "drop-from-train") throw leakageError(leaks, dataset.name, dataset.unit);
  const dropped = new Set(leaks.map(({ index }) => index));
  return takeRows(
    split,
    Array.from({ length: split.length }, (_, row) => row).filter((row) => !dropped.has(row)),
  );
}
