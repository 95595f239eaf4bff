import { createDigest } from "#common/digest";
import type { Digest } from "../../common/digest.ts";
import { kindOf } from "../columns/index.ts";
import type { Dataset, Split } from "../split.ts";

function addSplit(digest: Digest, split: Split): void {
  const { name, length, ids, groups, attributes, columns } = split;
  digest.update(JSON.stringify([name, length, ids, groups ?? null, attributes]));
  for (const [column, stored] of Object.entries(columns)) {
    digest.update(JSON.stringify(column));
    for (const part of kindOf(stored).content(stored)) digest.update(part);
  }
}

/** Hash of everything that a split says: ids, groups, attributes and every column. */
export function splitDigest(split: Split): string {
  const digest = createDigest();
  addSplit(digest, split);
  return digest.hex();
}

/**
 * Hash of everything that a dataset says that can change a result, for the key under which a computation is found again:
 * its splits and tables. Name, licence and other words of its card do not count, nor where its files lie.
 */
export function contentDigest({ splits, tables }: Pick<Dataset, "splits" | "tables">): string {
  const digest = createDigest();
  for (const split of [...Object.values(splits), ...Object.values(tables)]) addSplit(digest, split);
  return digest.hex();
}
