import { kindOf } from "../columns/index.ts";
import type { DatasetCard } from "../dataset-card.ts";
import { type AttributeSummary, summariseAttribute } from "./describe-attribute.ts";
import { rareNames } from "./rare-names.ts";
import type { Dataset, Split } from "../split.ts";

/** Summary of one split or table. */
export interface SplitSummary {
  readonly length: number;
  /** Number of distinct groups; null where none is known. */
  readonly groups: number | null;
  readonly columns: Readonly<
    Record<string, { readonly kind: string } & Readonly<Record<string, string | number | readonly string[]>>>
  >;
  readonly attributes: Readonly<Record<string, AttributeSummary>>;
}

/** What `vesalius data` prints: plain JSON of counts and ranges, no ids. */
export interface DatasetSummary {
  readonly name: string;
  readonly title: string;
  readonly modality: string;
  readonly licence: string;
  readonly restricted: boolean;
  readonly citation: string;
  readonly groupingKey: string;
  readonly unit: string;
  readonly splits: Readonly<Record<string, SplitSummary>>;
  readonly tables: Readonly<Record<string, SplitSummary>>;
  readonly baselines: DatasetCard["baselines"];
  readonly cautions: readonly string[];
}

const mapValues = <Value, Mapped>(record: Readonly<Record<string, Value>>, map: (value: Value) => Mapped) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));

/**
 * Counts what a split holds: groups, columns and attributes.
 *
 * @param rareOf names of a column that are counted and not repeated; see {@link rareNames}
 */
export const describeSplit = (
  split: Split,
  rareOf: (column: string) => ReadonlySet<string> = (column) => rareNames([split], column),
): SplitSummary => ({
  length: split.length,
  groups: split.groups ? new Set(split.groups).size : null,
  columns: Object.fromEntries(
    Object.entries(split.columns).map(([name, column]) => [
      name,
      { kind: column.kind, ...kindOf(column).describe(column, rareOf(name)) },
    ]),
  ),
  attributes: Object.fromEntries(
    Object.entries(split.attributes).map(([name, values]) => [name, summariseAttribute(name, values)]),
  ),
});

/**
 * Counts what a dataset holds: examples, groups, columns and attributes of each split and table, with licence and
 * cautions.
 *
 * @example
 * describeDataset(await openDataset("./ncbi-disease")).splits["train"]?.columns["spans"];
 */
export function describeDataset({ name, card, unit, splits, tables }: Dataset): DatasetSummary {
  const rareOf = (column: string): ReadonlySet<string> => rareNames(Object.values(splits), column, card);
  const { title, modality, licence, restricted, citation, groupingKey, baselines, cautions } = card;
  return {
    name,
    title,
    modality,
    licence,
    restricted,
    citation,
    groupingKey,
    unit,
    splits: mapValues(splits, (split) => describeSplit(split, rareOf)),
    tables: mapValues(tables, (table) => describeSplit(table)),
    baselines,
    cautions,
  };
}
