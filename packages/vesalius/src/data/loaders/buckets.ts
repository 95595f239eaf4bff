import { VesaliusError } from "../../common/errors.ts";
import type { Encoder } from "../encoders/encoder.ts";
import type { FeedPlan } from "../feeds.ts";

/** One shape of batches. */
export interface Bucket {
  /** Extents of the parts that vary, as text: `text=64`; empty where nothing varies. */
  readonly name: string;
  /** By part; 0 for parts that do not vary. */
  readonly extents: Readonly<Record<string, number>>;
  /** Rows of a batch. */
  readonly rows: number;
}

/** Shapes of the batches of a split, and the smallest one that each example fits in. */
export interface Buckets {
  /** Smallest first; the last one holds every example. */
  readonly list: readonly Bucket[];
  /** `[length]`; undefined where there is one bucket. */
  readonly bucketOf: Int32Array | undefined;
}

/** Several parts that vary give many combinations; the rare ones are rounded up. */
const mostBuckets = 6;

/**
 * Extents that a few shapes cover well: the quartiles of what is needed, rounded up to a multiple of eight.
 *
 * @param largest what no example needs more than, and a network may have no place for more
 */
export function chooseExtents(needed: ArrayLike<number>, largest = Number.POSITIVE_INFINITY): number[] {
  const sorted = Int32Array.from(needed).sort();
  const rounded = [0.25, 0.5, 0.75, 1].map((share) => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 1;
    return Math.min(largest, Math.max(8, Math.ceil(value / 8) * 8));
  });
  return [...new Set(rounded)];
}

const area = (extents: Readonly<Record<string, number>>): number =>
  Object.values(extents).reduce((sum, extent) => sum + extent, 0);

/** Whether an example of the first extents fits in a batch of the second. */
const fits = (small: Readonly<Record<string, number>>, large: Readonly<Record<string, number>>): boolean =>
  Object.entries(small).every(([part, extent]) => extent <= large[part]!);

/** The part whose extent each part has: its own where it does not follow another. */
function leaders({ parts }: Pick<FeedPlan, "parts">): readonly (readonly [part: string, leader: string])[] {
  return Object.entries(parts).map(([name, { extentOf }]) => {
    if (extentOf !== undefined && parts[extentOf] === undefined)
      throw new VesaliusError("bad-configuration", `${name} has the extent of ${extentOf}, and there is no such part`, {
        fix: `the parts are ${Object.keys(parts).join(", ")}`,
      });
    return [name, extentOf ?? name];
  });
}

/**
 * Groups examples by the shape of the batch that holds them.
 *
 * @param needed by part that varies, the extent that each example needs, `[length]`
 * @param encoders by part
 * @throws VesaliusError `bad-configuration` for a part that follows one that is not there, `bad-data` for an example that
 * fits in no shape
 */
export function planBuckets(
  plan: Pick<FeedPlan, "rows" | "extents" | "parts">,
  needed: Readonly<Record<string, Int32Array>>,
  encoders: Readonly<Record<string, Encoder>>,
): Buckets {
  const varying = Object.keys(needed);
  const lead = leaders(plan);
  /** Extents of every part from those of the parts that vary. */
  const whole = (own: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(lead.map(([part, leader]) => [part, own[leader] ?? 0]));
  if (varying.length === 0) return { list: [{ name: "", extents: whole({}), rows: plan.rows }], bucketOf: undefined };
  const extents = Object.fromEntries(
    varying.map((part) => [
      part,
      plan.extents[part] ?? encoders[part]?.extents ?? chooseExtents(needed[part]!, encoders[part]?.largestExtent),
    ]),
  );
  const ceiling = (part: string, need: number, row: number): number => {
    const found = extents[part]!.find((one) => one >= need);
    if (found !== undefined) return found;
    throw new VesaliusError(
      "bad-data",
      `an example needs ${need} places, the longest shape has ${extents[part]!.at(-1)}`,
      {
        where: `row ${row}, read as ${part}`,
        fix: `raise the last of the extents of ${part}, or let its encoder truncate`,
      },
    );
  };
  const length = needed[varying[0]!]!.length;
  const counts = new Map<string, { readonly extents: Record<string, number>; count: number }>();
  const keys = Array.from({ length }, (_, row) => {
    const own = Object.fromEntries(varying.map((part) => [part, ceiling(part, needed[part]![row]!, row)]));
    const name = varying.map((part) => `${part}=${own[part]}`).join(",");
    const known = counts.get(name);
    if (known === undefined) counts.set(name, { extents: own, count: 1 });
    else known.count++;
    return own;
  });
  const largest = Object.fromEntries(
    varying.map((part) => [part, Math.max(...[...counts.values()].map((one) => one.extents[part]!))]),
  );
  const frequent = [...counts.values()].sort((a, b) => b.count - a.count).slice(0, mostBuckets - 1);
  const shapes = new Map(
    [...frequent.map((one) => one.extents), largest].map((one) => [
      varying.map((part) => `${part}=${one[part]}`).join(","),
      one,
    ]),
  );
  const list = [...shapes]
    .map(([name, one]) => ({
      name,
      extents: whole(one),
      rows: Math.max(plan.rows, Math.floor((plan.rows * area(largest)) / area(one))),
    }))
    .sort((a, b) => area(a.extents) - area(b.extents));
  const bucketOf = Int32Array.from(keys, (own) => list.findIndex((bucket) => fits(own, bucket.extents)));
  return { list, bucketOf: list.length === 1 ? undefined : bucketOf };
}
