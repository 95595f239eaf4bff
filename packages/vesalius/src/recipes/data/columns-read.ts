import { createDigest } from "#common/digest";
import type { Spec } from "../../common/index.ts";
import { columnNamed, type Feeds, type Split } from "../../data/index.ts";
import { kindOf } from "../../data/columns/index.ts";
import type { Backbone, Preparation } from "../../models/index.ts";

/** A backbone as if its encoders had been fitted, for what does not depend on what they were fitted to. */
function asIfPrepared(backbone: Backbone): Backbone & { readonly preparation: Preparation } {
  const { network, preparation, encoders } = backbone;
  const specs = Object.entries(network.reads).map(([role, spec]): [string, Spec] => [
    role,
    preparation?.[role] ?? { ...spec, ...encoders?.[role] },
  ]);
  return { ...backbone, preparation: Object.fromEntries(specs) };
}

/** Names of the columns that feeds read, inputs and targets. */
export const columnsOf = ({ parts }: Feeds): string[] =>
  [...new Set(Object.values(parts).flatMap(({ columns }) => columns))].sort();

/**
 * What an objective or a task would feed to a backbone whose encoders are not fitted yet.
 *
 * @throws VesaliusError what `feeds` throws for a backbone that does not fit
 */
export const feedsTo = (backbone: Backbone, feeds: (backbone: Backbone) => Feeds): Feeds =>
  feeds(asIfPrepared(backbone));

/**
 * Names of the columns that an objective or a task feeds to a backbone, inputs and targets.
 *
 * @throws VesaliusError what `feeds` throws for a backbone that does not fit
 */
export const columnsRead = (backbone: Backbone, feeds: (backbone: Backbone) => Feeds): string[] =>
  columnsOf(feedsTo(backbone, feeds));

/** Digests by split and columns: every stage of a run asks for the same few. */
const known = new WeakMap<Split, Map<string, string>>();

/**
 * Hash of what some columns of a split say, row by row; neither ids nor other columns count.
 *
 * @throws VesaliusError `bad-data` for a column that is not there
 */
export function columnsDigest(split: Split, names: readonly string[]): string {
  const ofSplit = known.get(split) ?? new Map<string, string>();
  known.set(split, ofSplit);
  const key = JSON.stringify(names);
  const digest = ofSplit.get(key) ?? digestColumns(split, names);
  ofSplit.set(key, digest);
  return digest;
}

function digestColumns(split: Split, names: readonly string[]): string {
  const digest = createDigest().update(JSON.stringify([split.length, names]));
  for (const name of names) {
    const column = columnNamed(split, name);
    for (const part of kindOf(column).content(column)) digest.update(part);
  }
  return digest.hex();
}

/** A split with some of its columns, `reference.column` among them. */
export const withColumns = (split: Split, names: readonly string[]): Split => ({
  ...split,
  columns: Object.fromEntries(names.map((name) => [name, columnNamed(split, name)])),
});

/** A split in which some columns are missing for every example. */
export function withoutColumns(split: Split, names: readonly string[]): Split {
  const missing = names.map((name) => {
    const column = columnNamed(split, name);
    return [name, { ...column, present: new Uint8Array(column.length) }] as const;
  });
  return { ...split, columns: { ...split.columns, ...Object.fromEntries(missing) } };
}
