import type { PendingLosses } from "./checkpoint.ts";

/** Losses since the last record: their sums survive in a checkpoint, so that a resumed run averages over the same steps. */
export interface LossSums {
  add(loss: number, terms: Readonly<Record<string, number>>): void;
  sums(): PendingLosses;
  means(): { readonly loss: number; readonly terms?: Readonly<Record<string, number>> };
}

/** Sums that go on from those of a checkpoint. */
export function lossSums(earlier: PendingLosses = { lossSum: 0, count: 0 }): LossSums {
  let { lossSum, count } = earlier;
  const terms = new Map(Object.entries(earlier.terms ?? {}));
  const named = (scale: number) =>
    terms.size === 0 ? {} : { terms: Object.fromEntries([...terms].map(([name, sum]) => [name, sum * scale])) };
  return {
    add(loss, further) {
      lossSum += loss;
      count += 1;
      for (const [name, value] of Object.entries(further)) terms.set(name, (terms.get(name) ?? 0) + value);
    },
    sums: () => ({ lossSum, count, ...named(1) }),
    means: () => ({ loss: lossSum / count, ...named(1 / count) }),
  };
}
