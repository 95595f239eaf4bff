import type { DatasetCard } from "./dataset-card.ts";
import type { ImageDataset, ImageSplit, SplitName } from "./image-dataset.ts";

/**
 * Summary of an attribute column: range and mean of numbers, counts of a few text values, only the number of distinct
 * values where there are many, since those can be names or identifiers.
 */
export type AttributeSummary =
  | { readonly kind: "categories"; readonly counts: Readonly<Record<string, number>>; readonly missing: number }
  | { readonly kind: "text"; readonly distinct: number; readonly missing: number }
  | {
      readonly kind: "numbers";
      readonly min: number;
      readonly max: number;
      readonly mean: number;
      readonly missing: number;
    };

/** Summary of one split. */
export interface SplitSummary {
  readonly images: number;
  /** Images of each class, by class name; null for unlabelled data. */
  readonly classes: Readonly<Record<string, number>> | null;
  /** Number of distinct groups; null where none is known. */
  readonly groups: number | null;
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
  /** Shape of every image, in pixels. */
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
  readonly labels: readonly string[];
  readonly splits: Readonly<Partial<Record<SplitName, SplitSummary>>>;
  readonly baselines: DatasetCard["baselines"];
  readonly cautions: readonly string[];
}

const MOST_CATEGORIES = 20;

function summariseAttribute(column: readonly (string | number | null)[]): AttributeSummary {
  const values = column.filter((value) => value !== null);
  const missing = column.length - values.length;
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length > 0 && numbers.length === values.length) {
    const min = numbers.reduce((a, b) => Math.min(a, b));
    const max = numbers.reduce((a, b) => Math.max(a, b));
    return { kind: "numbers", min, max, mean: numbers.reduce((a, b) => a + b, 0) / numbers.length, missing };
  }
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  if (counts.size > MOST_CATEGORIES) return { kind: "text", distinct: counts.size, missing };
  return { kind: "categories", counts: Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))), missing };
}

function summariseSplit(split: ImageSplit, labels: readonly string[]): SplitSummary {
  const counts = labels.map(() => 0);
  for (const label of split.labels ?? []) counts[label]!++;
  return {
    images: split.length,
    classes: split.labels ? Object.fromEntries(labels.map((name, label) => [name, counts[label]!])) : null,
    groups: split.groups ? new Set(split.groups).size : null,
    attributes: Object.fromEntries(
      Object.entries(split.attributes).map(([name, column]) => [name, summariseAttribute(column)]),
    ),
  };
}

/**
 * Counts what a dataset holds: images, classes, groups and attributes of each split, with licence and cautions.
 *
 * @example
 * describeDataset(await openDataset("./pneumoniamnist")).splits.train?.classes; // { normal: 1214, pneumonia: 3494 }
 */
export function describeDataset(dataset: ImageDataset): DatasetSummary {
  const { card, channels, height, width, labels } = dataset;
  const splits: Partial<Record<SplitName, SplitSummary>> = {};
  for (const split of [dataset.train, dataset.validation, dataset.test]) {
    if (split !== undefined && split.length > 0) splits[split.name] = summariseSplit(split, labels);
  }
  const { title, modality, licence, restricted, citation, groupingKey, baselines, cautions } = card;
  return {
    name: dataset.name,
    title,
    modality,
    licence,
    restricted,
    citation,
    groupingKey,
    image: { channels, height, width },
    labels,
    splits,
    baselines,
    cautions,
  };
}
