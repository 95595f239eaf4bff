import type { DatasetCard } from "./dataset-card.ts";
import { type AttributeSummary, summariseAttribute } from "./dataset/describe-attribute.ts";
import type { ImageDataset, ImageSplit, SplitName } from "./image-dataset.ts";

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
