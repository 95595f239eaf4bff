import type { Spec } from "../../common/catalogue.ts";
import type { Column, Columns } from "../column.ts";
import type { Batch, FeedPlan, Part } from "../feeds.ts";
import { batches } from "../loaders/batches.ts";
import type { Split } from "../split.ts";
import type { EncoderEntry } from "./encoder.ts";
import { encoders } from "./index.ts";

/** A split of columns. */
export function splitOf(columns: Columns): Split {
  const { length } = Object.values(columns)[0]!;
  const ids = Array.from({ length }, (_, row) => `case ${row}`);
  return { name: "train", length, ids, groups: undefined, attributes: {}, columns };
}

/** An encoder's spec fitted on columns. */
export async function fitted<Fitted = Record<string, unknown>>(
  spec: Spec,
  ...columns: readonly Column[]
): Promise<Spec & Fitted> {
  const { name, ...given } = encoders.parse(spec);
  const entry: EncoderEntry = encoders.entry(name);
  return { name, ...given, ...(await entry.fit?.(given, columns, { seed: 1 })) } as Spec & Fitted;
}

/** A plan of parts in the order of the split. */
export const planOf = (parts: FeedPlan["parts"], more: Partial<FeedPlan> = {}): FeedPlan => ({
  parts,
  sampler: { name: "onePass" },
  rows: 4,
  extents: {},
  seed: 5,
  ...more,
});

/** Numbers of one input of a batch. */
export const numbersOf = (batch: Batch, name: string): number[] =>
  Array.from(batch.feeds.get(name)!.data as Float32Array);

/** All rows of a split in one batch, read as one part called `it`. */
export async function encodeAll(part: Part, columns: Columns, more: Partial<FeedPlan> = {}): Promise<Batch> {
  const split = splitOf(columns);
  const made = await batches(split, planOf({ it: part }, { rows: split.length, ...more }));
  if (made.steps !== 1 && more.sampler === undefined) throw new Error(`${made.steps} batches, not one`);
  return made.batch(0);
}
