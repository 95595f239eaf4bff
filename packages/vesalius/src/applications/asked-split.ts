import type { Columns, Split } from "../data/index.ts";

/**
 * What a model is asked, as the split that it reads: rows by their numbers, of nobody in particular.
 *
 * @param columns of one length
 */
export function askedSplit(name: string, columns: Columns): Split {
  const [first] = Object.values(columns);
  const length = first?.length ?? 0;
  const ids = Array.from({ length }, (_, row) => String(row));
  return { name, length, ids, groups: undefined, attributes: {}, columns };
}
